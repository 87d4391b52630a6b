package dev.codeinterpreter.tenant;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a key or a token may be good for. */
public enum Scope {
    EXECUTE,
    FILES,
    SESSIONS,
    USAGE,
    METRICS;

    /** As files of keys and tokens write it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a caller is answered that lacks it. */
    public String missing() {
        return "The credential lacks the scope '%s'".formatted(label());
    }

    /** The scope with this label; nothing when there is none. */
    public static Optional<Scope> parse(String label) {
        return Arrays.stream(values())
                .filter(scope -> scope.label().equals(label))
                .findFirst();
    }
}
