package dev.codeinterpreter.sandbox;

import static java.util.Objects.requireNonNull;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Our own name of a sandbox, also the container's name: {@code code-interpreter-} and 32 hexadecimal digits. */
public record SandboxId(String value) {
    private static final Pattern FORM = Pattern.compile("code-interpreter-[0-9a-f]{32}");

    public SandboxId {
        requireNonNull(value, "value is null");
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a sandbox id: " + value);
        }
    }

    /** Not a secret, only unique: an id gives nobody access. */
    public static SandboxId random() {
        byte[] bytes = new byte[16];
        ThreadLocalRandom.current().nextBytes(bytes);
        return new SandboxId("code-interpreter-" + HexFormat.of().formatHex(bytes));
    }

    @Override
    public String toString() {
        return value;
    }
}
