package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.sandbox.BackendException;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The few calls of the Engine API that we need, each with a deadline. A stopped or hung engine still accepts connections
 * and then says nothing, so silence has to be distinguished from slowness: while a call waits, the engine is pinged beside it, and a
 * call whose ping stays unanswered is given up long before its own deadline.
 *
 * <p>Paths carry no API version: the engine then speaks its own, which every engine since 20.10 (1.41) accepts, while any
 * fixed one is refused by some (29 refuses all below 1.44).
 */
final class EngineClient implements AutoCloseable {
    /** How long a call may be silent before the engine is pinged, and how long that ping may take: together below 3 s. */
    private static final Duration SILENCE = Duration.ofMillis(800);

    private static final Duration PING = Duration.ofMillis(1_700);
    /** Stands for whatever status a refused stream had. */
    private static final int REFUSED = 500;

    /** The list of 10,000 sandboxes, the most that MAX_SESSIONS allows, has 22 MB. */
    private static final int MAX_ANSWER = 32 << 20;

    private final DockerHttpClient transport;
    private final ExecutorService calls = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("engine-call-", 0).factory());

    EngineClient(URI engine) {
        this(engine, Optional.empty());
    }

    /** @param tls of an engine on a port */
    EngineClient(URI engine, Optional<SSLContext> tls) {
        // Every attached sandbox holds a connection: how many there are is decided by admission, not here.
        ZerodepDockerHttpClient.Builder builder =
                new ZerodepDockerHttpClient.Builder().dockerHost(engine).maxConnections(Integer.MAX_VALUE);
        // For tcp the transport takes any context as a wish for https. It holds the name in the certificate against
        // that
        // of the engine.
        tls.ifPresent(context -> builder.sslConfig(() -> context));
        this.transport = ("unix".equals(engine.getScheme()) ? builder.sslConfig(EngineClient::noTls) : builder).build();
    }

    /**
     * The transport asks for one also for a Unix socket, where it never uses it. Left to itself it would read the
     * certificates of the whole world, which takes a fifteenth of the service's start.
     */
    private static SSLContext noTls() throws NoSuchAlgorithmException {
        return SSLContext.getInstance("TLS");
    }

    /** Whether the engine answers a ping within {@code timeout}. */
    void ping(Duration timeout) throws BackendException {
        await(submit(() -> exchange(request(Method.GET, "/_ping", null))), timeout);
    }

    JsonObject get(String path, Duration timeout) throws BackendException {
        return parse(callWithWatchdog(request(Method.GET, path, null), timeout));
    }

    JsonArray list(String path, Duration timeout) throws BackendException {
        String answer = callWithWatchdog(request(Method.GET, path, null), timeout);
        try (JsonReader reader = Json.createReader(new StringReader(answer))) {
            return reader.readArray();
        } catch (RuntimeException e) {
            throw BackendException.unreachable("the engine's answer is not a JSON list", e);
        }
    }

    JsonObject post(String path, @Nullable JsonObject body, Duration timeout) throws BackendException {
        return parse(callWithWatchdog(request(Method.POST, path, body), timeout));
    }

    void delete(String path, Duration timeout) throws BackendException {
        callWithWatchdog(request(Method.DELETE, path, null), timeout);
    }

    /** Opens a connection that belongs to one container's streams: bytes of {@code stdin} go in, the answer's body comes out. */
    DockerHttpClient.Response hijack(String path, @Nullable JsonObject body, InputStream stdin, Duration timeout)
            throws BackendException {
        Request request = Request.builder()
                .from(request(Method.POST, path, body))
                .hijackedInput(stdin)
                .build();
        StreamRequest stream = new StreamRequest(request);
        try {
            return callWithWatchdog(stream, timeout);
        } catch (BackendException e) {
            stream.close();
            // The transport throws for every status but 101 and does not say which; an engine that still answers has
            // refused.
            ping(PING);
            throw new BackendException(REFUSED, "%s: the engine refused the stream".formatted(path), e);
        }
    }

    /** A stream that the engine grants when nobody waits for it any more is closed, or it would stay open for ever. */
    private final class StreamRequest implements Callable<DockerHttpClient.Response>, AutoCloseable {
        private final Request request;
        private DockerHttpClient.@Nullable Response response;
        private boolean abandoned;

        StreamRequest(Request request) {
            this.request = request;
        }

        @Override
        public DockerHttpClient.Response call() {
            DockerHttpClient.Response granted = transport.execute(request);
            synchronized (this) {
                if (!abandoned) {
                    response = granted;
                    return granted;
                }
            }
            granted.close();
            throw new IllegalStateException("nobody waits for the stream");
        }

        /** Nobody waits for it. */
        @Override
        public void close() {
            DockerHttpClient.Response granted;
            synchronized (this) {
                abandoned = true;
                granted = response;
            }
            if (granted != null) {
                granted.close();
            }
        }
    }

    @Override
    public void close() {
        calls.shutdownNow();
        try {
            transport.close();
        } catch (IOException e) {
            System.getLogger(EngineClient.class.getName()).log(System.Logger.Level.DEBUG, "closing the transport", e);
        }
    }

    private String callWithWatchdog(Request request, Duration timeout) throws BackendException {
        return callWithWatchdog(() -> exchange(request), timeout);
    }

    private <T> T callWithWatchdog(Callable<T> call, Duration timeout) throws BackendException {
        Future<T> answer = submit(call);
        long deadline = System.nanoTime() + timeout.toNanos();
        while (deadline - System.nanoTime() > SILENCE.toNanos()) {
            try {
                return answer.get(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                try {
                    ping(PING);
                } catch (BackendException hung) {
                    answer.cancel(true);
                    throw hung;
                }
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            } catch (InterruptedException e) {
                throw interrupted(answer, e);
            }
        }
        return await(answer, Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    }

    private <T> Future<T> submit(Callable<T> call) throws BackendException {
        try {
            return calls.submit(RequestId.carryCall(call));
        } catch (RejectedExecutionException e) {
            // What works in the background may come once more while the service ends.
            throw BackendException.unreachable("the connection to the engine is closed", e);
        }
    }

    private static <T> T await(Future<T> answer, Duration timeout) throws BackendException {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Interrupting a blocked channel closes its connection, so that nothing waits behind this call.
            answer.cancel(true);
            throw BackendException.unreachable("the engine did not answer in time", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(answer, e);
        }
    }

    private static BackendException interrupted(Future<?> answer, InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        return BackendException.unreachable("interrupted while the engine worked", e);
    }

    private static BackendException failure(@Nullable Throwable cause) {
        return cause instanceof BackendException known
                ? known
                : BackendException.unreachable("the engine cannot be reached", cause);
    }

    private String exchange(Request request) throws BackendException, IOException {
        try (DockerHttpClient.Response response = transport.execute(request)) {
            String text = text(response.getBody());
            if (response.getStatusCode() >= 400) {
                throw refused(request.path(), response.getStatusCode(), text);
            }
            return text;
        }
    }

    private static BackendException refused(String path, int status, String text) {
        return new BackendException(status, "%s: %d %s".formatted(path, status, text.strip()), null);
    }

    private static Request request(Method method, String path, @Nullable JsonObject body) {
        var request = Request.builder().method(method).path(path);
        if (body != null) {
            request.putHeader("Content-Type", "application/json")
                    .bodyBytes(body.toString().getBytes(UTF_8));
        }
        return request.build();
    }

    private static String text(InputStream body) throws IOException {
        return new String(body.readNBytes(MAX_ANSWER), UTF_8);
    }

    private static JsonObject parse(String answer) throws BackendException {
        if (answer.isBlank()) {
            return JsonObject.EMPTY_JSON_OBJECT;
        }
        try (JsonReader reader = Json.createReader(new StringReader(answer))) {
            return reader.readObject();
        } catch (RuntimeException e) {
            throw BackendException.unreachable("the engine's answer is not JSON", e);
        }
    }
}
