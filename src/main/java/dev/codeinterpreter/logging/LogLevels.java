package dev.codeinterpreter.logging;

import java.util.Map;
import java.util.logging.Level;

/** The levels by the names that Python's logging has for them: LOG_LEVEL is the reference's variable. */
final class LogLevels {
    private static final Map<String, Level> BY_NAME = Map.of(
            "CRITICAL", Level.SEVERE,
            "FATAL", Level.SEVERE,
            "ERROR", Level.SEVERE,
            "WARNING", Level.WARNING,
            "WARN", Level.WARNING,
            "INFO", Level.INFO,
            "DEBUG", Level.FINE,
            "TRACE", Level.FINEST,
            "NOTSET", Level.FINEST);

    private LogLevels() {}

    static boolean isKnown(String name) {
        return BY_NAME.containsKey(name);
    }

    /** INFO for a name that is unknown. */
    static Level level(String name) {
        return BY_NAME.getOrDefault(name, Level.INFO);
    }

    /** One of ERROR, WARNING, INFO, DEBUG and TRACE: what a line says. */
    static String name(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (value >= Level.WARNING.intValue()) {
            return "WARNING";
        }
        if (value >= Level.INFO.intValue()) {
            return "INFO";
        }
        return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
    }
}
