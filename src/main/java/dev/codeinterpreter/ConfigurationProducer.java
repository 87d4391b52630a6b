package dev.codeinterpreter;

import dev.codeinterpreter.audit.AuditConfig;
import dev.codeinterpreter.auth.AuthConfig;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.browser.BrowserConfig;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorConfig;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.health.HealthConfig;
import dev.codeinterpreter.launch.LaunchConfig;
import dev.codeinterpreter.mcp.McpConfig;
import dev.codeinterpreter.playground.PlaygroundConfig;
import dev.codeinterpreter.pool.PoolConfig;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.server.ConnectionLimits;
import dev.codeinterpreter.session.SessionConfig;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import dev.codeinterpreter.trace.TraceConfig;
import dev.codeinterpreter.wire.BodyLimits;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.ConfigProvider;

/** Makes every record of settings once, for whatever has it injected; and what is made of settings alone. */
@SingleInstance
class ConfigurationProducer {

    /** One for the whole service, so that all bad values are reported together. */
    @Produces
    @Singleton
    Settings settings() {
        return new Settings(ConfigProvider.getConfig());
    }

    @Produces
    @Singleton
    Configuration configuration(Settings settings) {
        return Configuration.from(settings);
    }

    @Produces
    @Singleton
    StorageBudget storageBudget(FilesConfig files) {
        return new StorageBudget(files.maxStorageBytes());
    }

    /** Beside the stored files where these are local: the one place that an operator has given us to write to. */
    @Produces
    @Singleton
    SpoolDirectory spoolDirectory(FilesConfig files, StorageBudget budget) {
        return new SpoolDirectory(files.spoolDirectory(), budget);
    }

    @Produces
    @Singleton
    ServerSettings server(Configuration configuration) {
        return configuration.server();
    }

    @Produces
    @Singleton
    ConnectionLimits connections(Configuration configuration) {
        return configuration.connections();
    }

    @Produces
    @Singleton
    TraceConfig traces(Configuration configuration) {
        return configuration.traces();
    }

    @Produces
    @Singleton
    RunConfig runs(Configuration configuration) {
        return configuration.runs();
    }

    @Produces
    @Singleton
    ResourceLimits limits(Configuration configuration) {
        return configuration.limits();
    }

    @Produces
    @Singleton
    LaunchConfig launches(Configuration configuration) {
        return configuration.launches();
    }

    @Produces
    @Singleton
    SessionConfig sessions(Configuration configuration) {
        return configuration.sessions();
    }

    @Produces
    @Singleton
    PoolConfig pool(Configuration configuration) {
        return configuration.pool();
    }

    @Produces
    @Singleton
    FilesConfig files(Configuration configuration) {
        return configuration.files();
    }

    @Produces
    @Singleton
    BodyLimits bodies(Configuration configuration) {
        return configuration.bodies();
    }

    @Produces
    @Singleton
    ErrorConfig errors(Configuration configuration) {
        return configuration.errors();
    }

    @Produces
    @Singleton
    BrowserConfig browsers(Configuration configuration) {
        return configuration.browsers();
    }

    @Produces
    @Singleton
    PlaygroundConfig playground(Configuration configuration) {
        return configuration.playground();
    }

    @Produces
    @Singleton
    AuthConfig auth(Configuration configuration) {
        return configuration.auth();
    }

    @Produces
    @Singleton
    McpConfig mcp(Configuration configuration) {
        return configuration.mcp();
    }

    @Produces
    @Singleton
    AuditConfig audit(Configuration configuration) {
        return configuration.audit();
    }

    @Produces
    @Singleton
    HealthConfig health(Configuration configuration) {
        return configuration.health();
    }
}
