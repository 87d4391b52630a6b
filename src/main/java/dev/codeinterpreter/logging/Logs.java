package dev.codeinterpreter.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.logging.Level;
import java.util.logging.LogManager;

/** Sets java.util.logging up from LOG_LEVEL and LOG_FORMAT; everything else logs through it. */
public final class Logs {
    private Logs() {}

    public static void configure(LogConfig config) {
        Level level = LogLevels.level(config.level());
        Class<?> formatter = config.format() == LogConfig.Format.JSON ? JsonFormatter.class : PlainFormatter.class;
        String configuration =
                """
                handlers=java.util.logging.ConsoleHandler
                java.util.logging.ConsoleHandler.level=ALL
                java.util.logging.ConsoleHandler.encoding=UTF-8
                java.util.logging.ConsoleHandler.formatter=%s
                # Below that, libraries log what passes through them: the Docker client code, input and output, the web
                # server headers with credentials.
                .level=%s
                dev.codeinterpreter.level=%s
                dev.codeinterpreter.server.RequestLog.level=%s
                # Prints a stack trace for every client that goes away while it is answered.
                org.glassfish.jersey.server.ServerRuntime$Responder.level=OFF
                # The same, for one that goes away while it is sent a stream.
                io.helidon.webserver.http.ErrorHandlers.level=SEVERE
                # Prints one for every second that an API server is away; the health check says that it is.
                io.fabric8.kubernetes.client.informers.impl.cache.Reflector.level=SEVERE
                # Prints one for every batch of spans that a collector does not take; ReportedExporter says so once.
                io.opentelemetry.exporter.level=OFF
                io.opentelemetry.sdk.trace.export.level=OFF
                """.formatted(formatter.getName(), atLeastWarning(level), level, config.requests() ? level : Level.OFF);
        try {
            LogManager.getLogManager().readConfiguration(new ByteArrayInputStream(configuration.getBytes(UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!LogLevels.isKnown(config.level())) {
            System.getLogger(Logs.class.getName())
                    .log(System.Logger.Level.WARNING, "LOG_LEVEL {0} is unknown, using INFO", config.level());
        }
    }

    private static Level atLeastWarning(Level level) {
        return level.intValue() > Level.WARNING.intValue() ? level : Level.WARNING;
    }
}
