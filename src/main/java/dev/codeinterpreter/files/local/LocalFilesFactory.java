package dev.codeinterpreter.files.local;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileBackendFactory;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.time.Clock;

/** For FILE_STORAGE=local. */
@SingleInstance
@Named("local")
public class LocalFilesFactory implements FileBackendFactory {
    private final FilesConfig config;
    private final Clock clock;
    private final StorageBudget budget;

    @Inject
    public LocalFilesFactory(FilesConfig config, Clock clock, StorageBudget budget) {
        this.config = config;
        this.clock = clock;
        this.budget = budget;
    }

    @Override
    public FileBackend open() {
        return new LocalFiles(config, clock, budget);
    }
}
