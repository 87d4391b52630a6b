package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A file of keys, for a service of a test's own. */
public final class KeysFile {
    public static final String ALL = "\"execute\",\"files\",\"sessions\",\"usage\",\"metrics\"";

    private final Path file;
    private final List<String> keys = new ArrayList<>();
    private final List<String> tenants = new ArrayList<>();

    private KeysFile(Path file) {
        this.file = file;
    }

    public static KeysFile create() {
        try {
            Path directory = Files.createTempDirectory("code-interpreter-keys-");
            Janitor.watchDirectory(directory);
            return new KeysFile(directory.resolve("keys.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return file;
    }

    /** Adds a key with all scopes and gives it. */
    public String add(String tenant) {
        return add(tenant, ALL, "");
    }

    /**
     * Adds a key and gives it.
     *
     * @param scopes as the file has them between brackets
     * @param more members of its entry, each with a comma before it
     */
    public String add(String tenant, String scopes, String more) {
        String name = "key-" + keys.size();
        byte[] random = new byte[32];
        new java.security.SecureRandom().nextBytes(random);
        String key = "ci_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        keys.add("{\"name\":\"%s\",\"sha256\":\"%s\",\"tenant\":\"%s\",\"scopes\":[%s]%s}"
                .formatted(name, hash(key), tenant, scopes, more));
        write();
        return key;
    }

    /** @param limits members of the tenant's entry, each with a comma before it */
    public KeysFile limit(String tenant, String limits) {
        tenants.add("{\"name\":\"%s\"%s}".formatted(tenant, limits));
        write();
        return this;
    }

    /** Headers of a request with that key. */
    public static Map<String, String> bearer(String key) {
        return Map.of("Authorization", "Bearer " + key, "Content-Type", "application/json");
    }

    private void write() {
        try {
            Path next = file.resolveSibling("next");
            Files.writeString(
                    next,
                    "{\"keys\":[%s],\"tenants\":[%s]}".formatted(String.join(",", keys), String.join(",", tenants)));
            Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the file has of a key. */
    public static String hash(String key) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
