package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@SingleInstance
class ConnectionLimitsProducer {

    @Produces
    @Singleton
    ConnectionLimits connectionLimits(Settings settings) {
        return ConnectionLimits.from(settings);
    }
}
