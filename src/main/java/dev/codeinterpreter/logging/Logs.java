package dev.codeinterpreter.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.logging.LogManager;

/** Sets java.util.logging up from LOG_LEVEL and LOG_FORMAT; everything else logs through it. */
public final class Logs {
    /** The names that Python's logging knows, because the variable is the reference's, and those of the JDK. */
    private static final Map<String, String> LEVELS = Map.of(
            "CRITICAL",
            "SEVERE",
            "FATAL",
            "SEVERE",
            "ERROR",
            "SEVERE",
            "WARNING",
            "WARNING",
            "WARN",
            "WARNING",
            "INFO",
            "INFO",
            "DEBUG",
            "FINE",
            "TRACE",
            "FINEST",
            "NOTSET",
            "FINEST");

    private Logs() {}

    public static void configure(LogConfig config) {
        String level = LEVELS.getOrDefault(config.level(), "INFO");
        String formatter = config.format() == LogConfig.Format.JSON
                ? "io.helidon.logging.jul.HelidonJsonFormatter"
                : "java.util.logging.SimpleFormatter";
        String configuration = """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                java.util.logging.ConsoleHandler.formatter=%s
                java.util.logging.SimpleFormatter.format=%%1$tFT%%1$tT.%%1$tL%%1$tz %%4$s %%3$s: %%5$s%%6$s%%n
                .level=%s
                dev.codeinterpreter.level=%s
                # Prints a stack trace for every client that goes away while it is answered.
                org.glassfish.jersey.server.ServerRuntime$Responder.level=OFF
                # The same, for one that goes away while it is sent a stream.
                io.helidon.webserver.http.ErrorHandlers.level=SEVERE
                # Prints one for every second that an API server is away; the health check says that it is.
                io.fabric8.kubernetes.client.informers.impl.cache.Reflector.level=SEVERE
                """.formatted(formatter, quieter(level), level);
        try {
            LogManager.getLogManager().readConfiguration(new ByteArrayInputStream(configuration.getBytes(UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!LEVELS.containsKey(config.level())) {
            System.getLogger(Logs.class.getName())
                    .log(System.Logger.Level.WARNING, "LOG_LEVEL {0} is unknown, using INFO", config.level());
        }
    }

    /** Libraries say their warnings; their INFO is not an operator's story, and they log less than asked for, not more. */
    private static String quieter(String level) {
        return level.equals("INFO") ? "WARNING" : level;
    }
}
