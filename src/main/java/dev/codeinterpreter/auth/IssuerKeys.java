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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.text.ParseException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
        if (known == null || select(known, id).isEmpty()) {
            lock.lock();
            known = fetchAgain(known);
        } else if (isOld(known) && lock.tryLock()) {
            // The others go on with what is there.
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

    /** With the lock, which it gives back. */
    private @Nullable Fetched fetchAgain(@Nullable Fetched seen) {
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
        long deadline = System.nanoTime() + timings.fetch().toNanos();
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timings.fetch())
                .build();
        try {
            URI place = config.keys().isPresent() ? config.keys().get() : discover(client, deadline);
            return JWKSet.parse(new String(get(client, place, deadline), UTF_8)).getKeys();
        } finally {
            // close() would wait for an answer that does not end.
            client.shutdownNow();
        }
    }

    private URI discover(HttpClient client, long deadline) throws IOException, InterruptedException {
        byte[] content = get(client, config.discovery(), deadline);
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(content))) {
            if (reader.readObject().get("jwks_uri") instanceof JsonString place) {
                return URI.create(place.getString());
            }
            throw new IOException(config.discovery() + " names no jwks_uri");
        }
    }

    /**
     * No redirect is followed: where the keys come from decides who may come in.
     *
     * @param deadline of the whole answer, by {@link System#nanoTime}
     */
    private static byte[] get(HttpClient client, URI place, long deadline) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(place).build();
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_BYTES));
        try {
            HttpResponse<byte[]> response = answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("%s answers with status %d".formatted(place, response.statusCode()));
            }
            return response.body();
        } catch (ExecutionException e) {
            throw new IOException("%s gives no answer that can be used: %s".formatted(place, e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException(place + " does not answer in time", e);
        }
    }
}
