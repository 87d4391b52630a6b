package dev.codeinterpreter.config;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.ConfigProvider;

/** One {@link Settings} for the whole service, so that all bad values are reported together. */
@SingleInstance
class SettingsProducer {

    @Produces
    @Singleton
    Settings settings() {
        return new Settings(ConfigProvider.getConfig());
    }
}
