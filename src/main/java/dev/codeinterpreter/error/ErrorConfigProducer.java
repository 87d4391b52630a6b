package dev.codeinterpreter.error;

import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@ApplicationScoped
class ErrorConfigProducer {

    @Produces
    @Singleton
    ErrorConfig errorConfig(Settings settings) {
        return ErrorConfig.from(settings);
    }
}
