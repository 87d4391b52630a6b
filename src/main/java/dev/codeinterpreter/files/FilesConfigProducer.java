package dev.codeinterpreter.files;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@SingleInstance
class FilesConfigProducer {

    @Produces
    @Singleton
    FilesConfig filesConfig(Settings settings) {
        return FilesConfig.from(settings);
    }

    @Produces
    @Singleton
    StorageBudget storageBudget(FilesConfig config) {
        return new StorageBudget(config.maxStorageBytes());
    }
}
