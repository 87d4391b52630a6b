package dev.codeinterpreter.error;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@SingleInstance
class ErrorConfigProducer {

    @Produces
    @Singleton
    ErrorConfig errorConfig(Settings settings) {
        return ErrorConfig.from(settings);
    }
}
