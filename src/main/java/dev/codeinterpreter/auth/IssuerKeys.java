package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The public keys of the issuer, fetched when the first token comes, when a token names one that is not among them, and when
 * they are old; not more often than once a minute, whatever tokens name. An issuer that does not answer changes nothing.
 *
 * <p>INVARIANT: {@code lock} guards {@code attempted} and is held while the keys are fetched.
 */
final class IssuerKeys {
    private static final System.Logger LOG = System.getLogger(IssuerKeys.class.getName());
    private static final int MAX_BYTES = 1 << 20;
    private static final int OK = 200;

    private final JwtConfig config;
    private final AuthTimings timings;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Fetched fetched;
    private @Nullable Long attempted;

    /** @param at by {@link System#nanoTime} */
    private record Fetched(List<JWK> keys, long at) {}

    IssuerKeys(JwtConfig config, AuthTimings timings) {
        this.config = config;
        this.timings = timings;
    }

    /**
     * The keys with that id; all of them when a token names none and there is but one.
     *
     * @throws ServiceException CAPACITY_UNAVAILABLE when none were ever fetched
     */
    List<JWK> named(@Nullable String id) {
        Fetched known = fetched;
        if (known == null || isOld(known) || select(known, id).isEmpty()) {
            known = fetchAgain(known);
        }
        if (known == null) {
            throw ServiceException.capacity(
                    Rejection.ISSUER_UNREACHABLE, "the issuer of tokens does not give its keys.", null);
        }
        return select(known, id);
    }

    private static List<JWK> select(Fetched known, @Nullable String id) {
        if (id == null) {
            return known.keys().size() == 1 ? known.keys() : List.of();
        }
        return known.keys().stream().filter(key -> id.equals(key.getKeyID())).toList();
    }

    private boolean isOld(Fetched known) {
        return System.nanoTime() - known.at() > timings.keyAge().toNanos();
    }

    private @Nullable Fetched fetchAgain(@Nullable Fetched seen) {
        lock.lock();
        try {
            Fetched now = fetched;
            boolean othersWereFaster = now != null && (seen == null || now.at() != seen.at());
            boolean tooEarly = attempted != null
                    && System.nanoTime() - attempted < timings.refetch().toNanos();
            if (othersWereFaster || tooEarly) {
                return now;
            }
            attempted = System.nanoTime();
            try {
                fetched = new Fetched(fetch(), System.nanoTime());
            } catch (IOException | ParseException | JsonException | IllegalArgumentException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the keys of the issuer of tokens cannot be fetched: {0}",
                        e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return fetched;
        } finally {
            lock.unlock();
        }
    }

    private List<JWK> fetch() throws IOException, InterruptedException, ParseException {
        URI place = config.keys().isPresent() ? config.keys().get() : discover();
        return JWKSet.parse(new String(get(place), UTF_8)).getKeys();
    }

    private URI discover() throws IOException, InterruptedException {
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(get(config.discovery())))) {
            if (reader.readObject().get("jwks_uri") instanceof JsonString place) {
                return URI.create(place.getString());
            }
            throw new IOException(config.discovery() + " names no jwks_uri");
        }
    }

    /** No redirect is followed: where the keys come from decides who may come in. */
    private byte[] get(URI place) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(place).timeout(timings.fetch()).build();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timings.fetch())
                .build()) {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                byte[] content = body.readNBytes(MAX_BYTES + 1);
                if (response.statusCode() != OK || content.length > MAX_BYTES) {
                    throw new IOException("%s answers with status %d and %d bytes"
                            .formatted(place, response.statusCode(), content.length));
                }
                return content;
            }
        }
    }
}
