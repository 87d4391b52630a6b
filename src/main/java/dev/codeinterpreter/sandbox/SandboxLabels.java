package dev.codeinterpreter.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
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

    /** Whose it is, see {@link #tenant}. */
    public static final String TENANT = "code-interpreter.tenant";

    /** Seconds since 1970, after which nobody needs it; of a pod an annotation. */
    public static final String EXPIRES_AT = "code-interpreter.expires-at";

    /** All of them: no operator's label or annotation replaces one. */
    public static final Set<String> KEYS = Set.of(COMPONENT, ROLE, INSTANCE, TENANT, EXPIRES_AT);

    /** What Kubernetes takes as one. */
    private static final Pattern LABEL_VALUE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");

    private static final String DIGEST = "sha256-";
    private static final int DIGEST_BYTES = 20;

    private SandboxLabels() {}

    /** What a new sandbox carries beside {@link #EXPIRES_AT}, in the order of the names. */
    public static Map<String, String> of(SandboxSpec spec, String instance) {
        return new TreeMap<>(
                Map.of(COMPONENT, SANDBOX, ROLE, role(spec.id()), TENANT, tenant(spec.tenant()), INSTANCE, instance));
    }

    /**
     * A tenant's name where it is a label's value, else the beginning of its digest: {@code sha256-} and 40 hexadecimal
     * digits, as of a name that looks like that. Empty for nobody.
     */
    public static String tenant(String name) {
        if (name.isEmpty() || (LABEL_VALUE.matcher(name).matches() && !name.startsWith(DIGEST))) {
            return name;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
            return DIGEST + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The value of {@link #TENANT}; versions before 0.6 set none, and knew one tenant. */
    public static String tenantOf(Map<String, String> labels) {
        return labels.getOrDefault(TENANT, "default");
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

    /** As {@link #match(SandboxId, Map)}, and of the tenant. */
    public static boolean match(SandboxId id, String tenantLabel, Map<String, String> labels) {
        return match(id, labels) && tenantOf(labels).equals(tenantLabel);
    }

    /** Whether what carries {@code labels} is a sandbox of ours and of the kind that {@code id} says. */
    public static boolean match(SandboxId id, Map<String, String> labels) {
        return SANDBOX.equals(labels.get(COMPONENT)) && role(id).equals(labels.get(ROLE));
    }

    private static String role(SandboxId id) {
        return id.isSession() ? "session" : "one-shot";
    }
}
