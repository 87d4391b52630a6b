package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Programs that keep the credentials of registries: {@code docker-credential-NAME get} with the registry on stdin, as the
 * docker command calls them. They are the operator's, found by the service's PATH.
 */
final class CredentialProgram {
    /** A name and no path, so that the file which names it cannot choose a program outside of PATH. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    /** What a pipe holds: a longer answer blocks the helper until its time is up. */
    private static final int MAX_ANSWER = 64 << 10;

    private static final String NOT_FOUND = "credentials not found";

    /** The user name with which a helper says that the secret is a token. */
    private static final String TOKEN = "<token>";

    private final String prefix;
    private final Duration timeout;

    CredentialProgram() {
        this("docker-credential-", Duration.ofSeconds(20));
    }

    /** For tests. */
    CredentialProgram(String prefix, Duration timeout) {
        this.prefix = prefix;
        this.timeout = timeout;
    }

    /** @return nothing when it has none for that server */
    Optional<JsonObject> get(String name, String server) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException("no name of a credential helper: '%s'".formatted(name));
        }
        Process helper = new ProcessBuilder(prefix + name, "get")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            ask(helper, server);
            if (!helper.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the credential helper %s does not end".formatted(name));
            }
            byte[] answer = helper.getInputStream().readNBytes(MAX_ANSWER);
            if (helper.exitValue() != 0) {
                if (new String(answer, UTF_8).contains(NOT_FOUND)) {
                    return Optional.empty();
                }
                throw new IOException("the credential helper %s exited with %d".formatted(name, helper.exitValue()));
            }
            return Optional.of(RegistryCredentials.parse(new ByteArrayInputStream(answer))
                    .flatMap(given -> credentials(given, server))
                    .orElseThrow(
                            () -> new IOException("the credential helper %s gave no credentials".formatted(name))));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a credential helper ran", e);
        } finally {
            helper.destroyForcibly();
        }
    }

    private static void ask(Process helper, String server) {
        try (OutputStream stdin = helper.getOutputStream()) {
            stdin.write(server.getBytes(UTF_8));
        } catch (IOException e) {
            // It has ended already, and how says more than that.
            System.getLogger(CredentialProgram.class.getName())
                    .log(System.Logger.Level.DEBUG, "a credential helper does not read", e);
        }
    }

    private static Optional<JsonObject> credentials(JsonObject answer, String server) {
        String user = answer.getString("Username", "");
        String secret = answer.getString("Secret", "");
        if (user.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                user.equals(TOKEN)
                        ? RegistryCredentials.ofToken(secret, server)
                        : RegistryCredentials.ofUser(user, secret, server));
    }
}
