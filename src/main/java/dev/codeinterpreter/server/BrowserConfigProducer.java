package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

@SingleInstance
class BrowserConfigProducer {

    @Produces
    @Singleton
    BrowserConfig browserConfig(Settings settings) {
        return BrowserConfig.from(settings);
    }
}
