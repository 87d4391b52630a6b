package dev.codeinterpreter.files;

import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@ApplicationScoped
class FilesConfigProducer {

    @Produces
    @Singleton
    FilesConfig filesConfig(Settings settings) {
        return FilesConfig.from(settings);
    }
}
