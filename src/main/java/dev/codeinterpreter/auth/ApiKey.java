package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.tenant.Scope;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A key as the file has it: what the key itself is, only its owner knows.
 *
 * @param sha256 of the key's characters, in hexadecimal
 * @param expiresAt from when on it does not count any more
 */
record ApiKey(String name, String sha256, String tenant, Set<Scope> scopes, Optional<Instant> expiresAt) {
    /** {@code ci_} and 256 bits. */
    private static final Pattern FORM = Pattern.compile("ci_[A-Za-z0-9_-]{43}");

    private static final int RANDOM_BYTES = 32;

    ApiKey {
        requireNonNull(name, "name is null");
        requireNonNull(sha256, "sha256 is null");
        requireNonNull(tenant, "tenant is null");
        scopes = Set.copyOf(scopes);
        requireNonNull(expiresAt, "expiresAt is null");
    }

    /** Whether {@code text} could be a key. */
    static boolean hasForm(String text) {
        return FORM.matcher(text).matches();
    }

    /** A new one; nobody else has it, and nothing keeps it. */
    static String generate() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return "ci_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What a file has of {@code key}. A key is random, so no salt and no slow hash is needed. */
    static String hash(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    boolean hasExpired(Instant now) {
        return expiresAt.isPresent() && !now.isBefore(expiresAt.get());
    }

    /** Takes the same time wherever two hashes differ. */
    boolean matches(byte[] presentedHash) {
        return MessageDigest.isEqual(sha256.getBytes(US_ASCII), presentedHash);
    }
}
