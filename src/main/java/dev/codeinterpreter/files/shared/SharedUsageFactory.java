package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.usage.UsageStore;
import dev.codeinterpreter.usage.UsageStoreFactory;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.util.List;

/** For FILE_STORAGE=shared. */
@SingleInstance
@Named("usage-shared")
class SharedUsageFactory implements UsageStoreFactory {
    private final FilesConfig config;

    @Inject
    SharedUsageFactory(FilesConfig config) {
        this.config = config;
    }

    @Override
    public UsageStore open() {
        try {
            return new SharedUsageStore(SharedDirectory.open(config.directory()));
        } catch (IOException e) {
            throw new InvalidSettingsException(
                    List.of("FILE_STORAGE_DIR %s cannot be used: %s".formatted(config.directory(), e)));
        }
    }
}
