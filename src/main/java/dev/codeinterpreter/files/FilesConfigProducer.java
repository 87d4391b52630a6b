package dev.codeinterpreter.files;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@SingleInstance
class FilesConfigProducer {

    @Produces
    @Singleton
    FilesConfig filesConfig(Settings settings) {
        return FilesConfig.from(settings);
    }
}
