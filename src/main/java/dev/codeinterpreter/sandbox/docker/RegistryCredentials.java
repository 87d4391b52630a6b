package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;

/**
 * Credentials of registries, from where {@code docker login} puts them: {@code config.json} in the directory of
 * DOCKER_CONFIG, or a helper that the file names. Read for each pull, so that a login or an exchanged Secret needs no
 * restart; never logged.
 */
final class RegistryCredentials {
    /** Under which {@code docker login} without a registry stores its own. */
    private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

    private static final int MAX_FILE = 1 << 20;

    private final Path file;
    private final CredentialProgram helper;

    /** @param directory that need not be there: then there are no credentials */
    RegistryCredentials(Path directory, CredentialProgram helper) {
        this.file = directory.resolve("config.json");
        this.helper = helper;
    }

    /**
     * The value of the header X-Registry-Auth for a registry's host and port; nothing where no credentials are configured.
     *
     * @throws IOException saying why what is configured cannot be used
     */
    Optional<String> header(String registry) throws IOException {
        JsonObject config = read();
        String server = registry.equals(ImageReference.DOCKER_HUB) ? DOCKER_HUB_KEY : registry;
        Optional<String> helperName = text(object(config, "credHelpers"), registry)
                .or(() -> text(object(config, "credHelpers"), server))
                .or(() -> text(config, "credsStore"));
        Optional<JsonObject> credentials =
                helperName.isPresent() ? helper.get(helperName.get(), server) : ofFile(object(config, "auths"), server);
        return credentials.map(
                given -> Base64.getUrlEncoder().encodeToString(given.toString().getBytes(UTF_8)));
    }

    private JsonObject read() throws IOException {
        if (!Files.isRegularFile(file)) {
            return JsonValue.EMPTY_JSON_OBJECT;
        }
        if (Files.size(file) > MAX_FILE) {
            throw new IOException("%s has more than %d bytes".formatted(file, MAX_FILE));
        }
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in).orElseThrow(() -> new IOException(file + " is not a JSON object"));
        }
    }

    /** Nothing when it is no object. The parser's words are left out: they may repeat what is secret. */
    static Optional<JsonObject> parse(InputStream in) {
        try (JsonReader reader = Json.createReader(in)) {
            return Optional.of(reader.readObject());
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> ofFile(JsonObject auths, String server) throws IOException {
        JsonObject entry = object(auths, server);
        if (entry.isEmpty()) {
            entry = auths.keySet().stream()
                    .filter(key -> hostOf(key).equals(hostOf(server)))
                    .findFirst()
                    .map(key -> object(auths, key))
                    .orElse(JsonValue.EMPTY_JSON_OBJECT);
        }
        Optional<String> token = text(entry, "identitytoken");
        if (token.isPresent()) {
            return Optional.of(ofToken(token.get(), server));
        }
        Optional<String> encoded = text(entry, "auth");
        if (encoded.isEmpty()) {
            Optional<String> password = text(entry, "password");
            return text(entry, "username").flatMap(user -> password.map(secret -> ofUser(user, secret, server)));
        }
        String[] userAndPassword = decoded(encoded.get()).split(":", 2);
        if (userAndPassword.length < 2) {
            throw new IOException("the entry for %s is no user and password in base64".formatted(server));
        }
        return Optional.of(ofUser(userAndPassword[0], userAndPassword[1], server));
    }

    static JsonObject ofUser(String user, String password, String server) {
        return withServer(Json.createObjectBuilder().add("username", user).add("password", password), server);
    }

    static JsonObject ofToken(String token, String server) {
        return withServer(Json.createObjectBuilder().add("identitytoken", token), server);
    }

    private static JsonObject withServer(JsonObjectBuilder credentials, String server) {
        return credentials.add("serveraddress", server).build();
    }

    /** Empty when it is no base64. */
    private static String decoded(String text) {
        try {
            // Some tools end it with NUL bytes, which the docker command drops.
            return new String(Base64.getDecoder().decode(text), UTF_8).replaceAll("\0+$", "");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Old files have URLs as keys. */
    private static String hostOf(String key) {
        String host = key.replaceFirst("^https?://", "");
        int slash = host.indexOf('/');
        return slash < 0 ? host : host.substring(0, slash);
    }

    private static JsonObject object(JsonObject of, String name) {
        return of.get(name) instanceof JsonObject object ? object : JsonValue.EMPTY_JSON_OBJECT;
    }

    private static Optional<String> text(JsonObject of, String name) {
        return of.get(name) instanceof JsonString text && !text.getString().isEmpty()
                ? Optional.of(text.getString())
                : Optional.empty();
    }
}
