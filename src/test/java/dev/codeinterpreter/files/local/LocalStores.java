package dev.codeinterpreter.files.local;

import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.storage.StorageBudget;
import java.time.Clock;

/** Stores in a directory for tests of what is above them. */
public final class LocalStores {
    private LocalStores() {}

    /** With a budget of its own, of which nothing is reserved for other uses. */
    public static FileStore open(FilesConfig config, Clock clock) {
        return new FileStore(
                config,
                clock,
                new LocalFiles(config, clock, StorageBudget.ofFiles(config.maxStorageBytes())),
                FileStoreListener.NONE);
    }
}
