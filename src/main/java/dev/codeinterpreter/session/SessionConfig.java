package dev.codeinterpreter.session;

import dev.codeinterpreter.config.Settings;

/** @param maxSessions at a time on the engine or in the namespace, of all replicas together (MAX_SESSIONS) */
public record SessionConfig(int maxSessions) {
    public static SessionConfig from(Settings settings) {
        return new SessionConfig(settings.integer("MAX_SESSIONS", 64, 1, 10_000));
    }
}
