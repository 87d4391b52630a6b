package dev.codeinterpreter.sandbox;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a container or pod says of itself, so that any process of ours finds it, knows its kind and when it is over. */
public final class SandboxLabels {
    /** Every sandbox carries it: network policies select it, and the orphans of a crash are found by it. */
    public static final String COMPONENT = "code-interpreter.component";

    /** Its value. */
    public static final String SANDBOX = "sandbox";

    /** {@code one-shot} or {@code session}. */
    public static final String ROLE = "code-interpreter.role";

    /** Which process of ours launched it. */
    public static final String INSTANCE = "code-interpreter.instance";

    /** Seconds since 1970, after which nobody needs it; of a pod an annotation. */
    public static final String EXPIRES_AT = "code-interpreter.expires-at";

    /** All of them: no operator's label or annotation replaces one. */
    public static final Set<String> KEYS = Set.of(COMPONENT, ROLE, INSTANCE, EXPIRES_AT);

    private SandboxLabels() {}

    /** What a new sandbox carries beside {@link #EXPIRES_AT}, in the order of the names. */
    public static Map<String, String> of(SandboxId id, String instance) {
        return new TreeMap<>(Map.of(COMPONENT, SANDBOX, ROLE, role(id), INSTANCE, instance));
    }

    /** The value of {@link #EXPIRES_AT}. */
    public static String expiry(Instant moment) {
        return Long.toString(moment.getEpochSecond());
    }

    /** Nothing when the value is missing or no time: another version of ours may have launched it, and knows better. */
    public static Optional<Instant> parseExpiry(@Nullable String value) {
        try {
            return Optional.of(Instant.ofEpochSecond(Long.parseLong(String.valueOf(value))));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Whether what carries {@code labels} is a sandbox of ours and of the kind that {@code id} says. */
    public static boolean match(SandboxId id, Map<String, String> labels) {
        return SANDBOX.equals(labels.get(COMPONENT)) && role(id).equals(labels.get(ROLE));
    }

    private static String role(SandboxId id) {
        return id.isSession() ? "session" : "one-shot";
    }
}
