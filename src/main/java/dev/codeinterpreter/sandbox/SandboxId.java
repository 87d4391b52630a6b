package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Our own name of a sandbox, also the container's name: {@code code-interpreter-} or, for a session, {@code code-session-}
 * and 32 hexadecimal digits.
 */
public record SandboxId(String value) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ONE_SHOT = "code-interpreter-";
    private static final String SESSION = "code-session-";
    private static final Pattern FORM = Pattern.compile("(%s|%s)[0-9a-f]{32}".formatted(ONE_SHOT, SESSION));

    public SandboxId {
        requireNonNull(value, "value is null");
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a sandbox id: " + value);
        }
    }

    /** Of a sandbox for one run. */
    public static SandboxId random() {
        return new SandboxId(ONE_SHOT + randomDigits());
    }

    /** Of a session. Knowing the id is the right to use the session, so it cannot be guessed. */
    public static SandboxId randomSession() {
        return new SandboxId(SESSION + randomDigits());
    }

    /** The session that {@code text} names; nothing when it names none. */
    public static Optional<SandboxId> parseSession(String text) {
        return parse(text).filter(SandboxId::isSession);
    }

    /** The sandbox that {@code text} names; nothing when it names none. */
    public static Optional<SandboxId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new SandboxId(text)) : Optional.empty();
    }

    /** Whether it is a session's; if not it is for one run. */
    public boolean isSession() {
        return value.startsWith(SESSION);
    }

    private static String randomDigits() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public String toString() {
        return value;
    }
}
