package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.trace.Tracing;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The few calls of the Engine API that we need, each with a deadline. A stopped or hung engine still accepts connections
 * and then says nothing, so silence has to be distinguished from slowness: while a call waits, the engine is pinged beside
 * it, and a call whose ping stays unanswered is given up long before its own deadline.
 *
 * <p>Paths carry no API version: the engine then speaks its own, which every engine since 20.10 (1.41) accepts, while any
 * fixed one is refused by some (29 refuses all below 1.44).
 */
final class EngineClient implements AutoCloseable {
    /** Stands for whatever status a refused stream had. */
    private static final int REFUSED = 500;

    /** The list of 10,000 sandboxes, the most that MAX_SESSIONS allows, has 22 MB. */
    private static final int MAX_ANSWER = 32 << 20;

    private final EngineTimings timings;
    private final DockerHttpClient transport;
    /** Of the engine, unless that is at a port. */
    private final Optional<Path> socket;

    private final ExecutorService calls = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("engine-call-", 0).factory());

    EngineClient(URI engine) {
        this(engine, Optional.empty(), EngineTimings.DEFAULT);
    }

    /** @param tls of an engine on a port */
    EngineClient(URI engine, Optional<SSLContext> tls, EngineTimings timings) {
        this.timings = timings;
        this.socket = "unix".equals(engine.getScheme()) ? Optional.of(Path.of(engine.getPath())) : Optional.empty();
        // Every attached sandbox holds a connection: how many there are is decided by admission, not here.
        ZerodepDockerHttpClient.Builder builder =
                new ZerodepDockerHttpClient.Builder().dockerHost(engine).maxConnections(Integer.MAX_VALUE);
        // For tcp the transport takes any context as a wish for https, and compares the certificate's name with the
        // engine's.
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

    /** What all that use this engine go by. */
    EngineTimings timings() {
        return timings;
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

    /**
     * Asks for something that takes long and is reported on meanwhile, and returns when it is done. When it fails, which an
     * interrupt of the caller makes it too, it ends on the engine as well.
     *
     * @param silence after which an engine that says nothing is given up
     * @param timeout of the whole
     * @param listener gets each message, on another thread, one at a time
     */
    void follow(
            String path, Map<String, String> headers, Duration silence, Duration timeout, Consumer<JsonObject> listener)
            throws BackendException {
        Request.Builder request = Request.builder().from(request(Method.POST, path, null));
        headers.forEach(request::putHeader);
        StreamRequest<DockerHttpClient.Response> stream =
                new StreamRequest<>(() -> transport.execute(request.build()), DockerHttpClient.Response::close);
        AtomicLong heard = new AtomicLong(System.nanoTime());
        long deadline = heard.get() + timeout.toNanos();
        Future<Boolean> end = submit(() -> {
            try (DockerHttpClient.Response response = stream.call()) {
                if (response.getStatusCode() >= 400) {
                    throw refused(path, response.getStatusCode(), text(response.getBody()));
                }
                JsonLines.read(response.getBody(), message -> {
                    heard.set(System.nanoTime());
                    listener.accept(message);
                });
            }
            return true;
        });
        try {
            while (!isDone(end)) {
                long now = System.nanoTime();
                if (now - heard.get() > silence.toNanos() || now - deadline > 0) {
                    end.cancel(true);
                    throw BackendException.unreachable(path + ": the engine does not come to an end", null);
                }
            }
        } catch (BackendException e) {
            stream.close();
            throw e;
        }
    }

    private static boolean isDone(Future<Boolean> end) throws BackendException {
        try {
            return end.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(end, e);
        }
    }

    /** Opens a connection that belongs to one container's streams. */
    EngineStream hijack(String path, @Nullable JsonObject body, Duration timeout) throws BackendException {
        StreamRequest<EngineStream> stream = new StreamRequest<>(
                () -> socket.isPresent()
                        ? SocketStream.open(socket.get(), path, body)
                        : TransportStream.open(transport, request(Method.POST, path, body)),
                EngineStream::close);
        try {
            return callWithWatchdog(stream, timeout);
        } catch (BackendException e) {
            stream.close();
            // Of another status than 101 we do not learn which; an engine that still answers has refused.
            ping(timings.ping());
            throw new BackendException(REFUSED, "%s: the engine refused the stream".formatted(path), e);
        }
    }

    /** A stream that the engine grants when nobody waits for it any more is closed, or it would stay open for ever. */
    private static final class StreamRequest<T> implements Callable<T>, AutoCloseable {
        private final Callable<T> request;
        private final Consumer<T> closer;
        private @Nullable T stream;
        private boolean abandoned;

        StreamRequest(Callable<T> request, Consumer<T> closer) {
            this.request = request;
            this.closer = closer;
        }

        @Override
        public T call() throws Exception {
            T granted = request.call();
            synchronized (this) {
                if (!abandoned) {
                    stream = granted;
                    return granted;
                }
            }
            closer.accept(granted);
            throw new IllegalStateException("nobody waits for the stream");
        }

        /** Nobody waits for it. */
        @Override
        public void close() {
            T granted;
            synchronized (this) {
                abandoned = true;
                granted = stream;
            }
            if (granted != null) {
                closer.accept(granted);
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
        while (deadline - System.nanoTime() > timings.silence().toNanos()) {
            try {
                return answer.get(timings.silence().toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                try {
                    ping(timings.ping());
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
        Tracing.current().headers().forEach(request::putHeader);
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
