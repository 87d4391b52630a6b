package dev.codeinterpreter.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** An owner as a part of a path or of a key: different for each, at most 42 of {@code a-z0-9_-}. */
public final class OwnerKey {
    private static final Pattern PLAIN = Pattern.compile("[a-z0-9-]{1,42}");
    private static final int HASH_BYTES = 20;

    private OwnerKey() {}

    /** The name where it is simple, and otherwise a hash, which the underscore tells from all simple names. */
    public static String of(Owner owner) {
        if (PLAIN.matcher(owner.name()).matches()) {
            return owner.name();
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(owner.name().getBytes(UTF_8));
            return "h_" + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
