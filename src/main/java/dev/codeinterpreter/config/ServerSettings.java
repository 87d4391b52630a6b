package dev.codeinterpreter.config;

import java.time.Duration;

/**
 * HOST, PORT and SHUTDOWN_GRACE_SEC, under the names that the web server reads. They cannot simply be references in the
 * properties file, because an empty variable means the default here and nothing there.
 *
 * @param shutdownGrace that running requests have after SIGTERM; what runs then is interrupted
 */
public record ServerSettings(String host, int port, Duration shutdownGrace) {

    public static ServerSettings from(Settings settings) {
        return new ServerSettings(
                settings.text("HOST", "0.0.0.0"),
                settings.integer("PORT", 8000, 0, 65_535),
                settings.seconds("SHUTDOWN_GRACE_SEC", 30, 0, 3600));
    }

    /** Before the container starts. */
    public void apply() {
        System.setProperty("server.host", host);
        System.setProperty("server.port", Integer.toString(port));
        System.setProperty("server.shutdown-grace-period", shutdownGrace.toString());
    }
}
