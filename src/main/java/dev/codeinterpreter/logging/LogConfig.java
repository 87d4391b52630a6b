package dev.codeinterpreter.logging;

import dev.codeinterpreter.config.Settings;
import java.util.Locale;

/**
 * @param level as it was given, in capitals (LOG_LEVEL); an unknown one is INFO and a warning, as with the reference
 * @param format of the lines (LOG_FORMAT)
 * @param requests whether each request is logged (LOG_REQUESTS)
 */
public record LogConfig(String level, Format format, boolean requests) {

    /** What a line looks like. */
    public enum Format {
        PLAIN,
        JSON
    }

    public static LogConfig from(Settings settings) {
        return new LogConfig(
                settings.text("LOG_LEVEL", "INFO").toUpperCase(Locale.ROOT),
                settings.choice("LOG_FORMAT", Format.class, Format.PLAIN),
                settings.flag("LOG_REQUESTS", false));
    }
}
