package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileBackendFactory;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.SpoolPlace;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.time.Clock;
import java.time.Duration;

/** For FILE_STORAGE=shared. */
@SingleInstance
@Named("shared")
class SharedFilesFactory implements FileBackendFactory {
    /** A change takes milliseconds; a recount of a hundred thousand files on a slow server takes seconds. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(15);

    private final FilesConfig config;
    private final Clock clock;
    private final StorageBudget budget;

    @Inject
    SharedFilesFactory(FilesConfig config, Clock clock, StorageBudget budget) {
        this.config = config;
        this.clock = clock;
        this.budget = budget;
    }

    @Override
    public FileBackend open() {
        SpoolPlace.prepare(config.spoolDirectory());
        return new SharedFiles(config, clock, budget, LOCK_TIMEOUT);
    }
}
