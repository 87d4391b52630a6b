package dev.codeinterpreter;

import dev.codeinterpreter.audit.AuditConfig;
import dev.codeinterpreter.auth.AuthConfig;
import dev.codeinterpreter.browser.BrowserConfig;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorConfig;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.health.HealthConfig;
import dev.codeinterpreter.launch.LaunchConfig;
import dev.codeinterpreter.logging.LogConfig;
import dev.codeinterpreter.mcp.McpConfig;
import dev.codeinterpreter.playground.PlaygroundConfig;
import dev.codeinterpreter.pool.PoolConfig;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.server.ConnectionLimits;
import dev.codeinterpreter.session.SessionConfig;
import dev.codeinterpreter.trace.TraceConfig;
import dev.codeinterpreter.wire.BodyLimits;
import java.util.List;

/**
 * Every setting but EXECUTOR_BACKEND and those of the backends, which read their own: only the chosen backend's have to be
 * right. Made once, see
 * {@link ConfigurationProducer}; {@link Main} reads the server's and the log's once more, before there is a container.
 */
record Configuration(
        ServerSettings server,
        ConnectionLimits connections,
        LogConfig log,
        TraceConfig traces,
        RunConfig runs,
        ResourceLimits limits,
        LaunchConfig launches,
        SessionConfig sessions,
        PoolConfig pool,
        FilesConfig files,
        BodyLimits bodies,
        ErrorConfig errors,
        BrowserConfig browsers,
        PlaygroundConfig playground,
        McpConfig mcp,
        AuthConfig auth,
        AuditConfig audit,
        HealthConfig health) {

    /** Reads each variable once; bad values are in {@code settings} then. */
    static Configuration from(Settings settings) {
        ServerSettings server = ServerSettings.from(settings);
        return new Configuration(
                server,
                ConnectionLimits.from(settings, server.tls().isPresent()),
                LogConfig.from(settings),
                TraceConfig.from(settings),
                RunConfig.from(settings),
                ResourceLimits.from(settings),
                LaunchConfig.from(settings),
                SessionConfig.from(settings),
                PoolConfig.from(settings),
                FilesConfig.from(settings),
                BodyLimits.from(settings),
                ErrorConfig.from(settings),
                BrowserConfig.from(settings),
                PlaygroundConfig.from(settings),
                McpConfig.from(settings),
                AuthConfig.from(settings),
                AuditConfig.from(settings),
                HealthConfig.from(settings));
    }

    /** For the log at the start. */
    List<Record> all() {
        return List.of(
                server,
                connections,
                log,
                traces,
                runs,
                limits,
                launches,
                sessions,
                pool,
                files,
                bodies,
                errors,
                browsers,
                playground,
                mcp,
                auth,
                audit,
                health);
    }
}
