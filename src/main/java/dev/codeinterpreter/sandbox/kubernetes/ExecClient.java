package dev.codeinterpreter.sandbox.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.sandbox.BackendException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes in pods. Address, certificates and tokens are those of the Kubernetes client.
 *
 * <p>Streams of pods that are over are cut: one usually ends by itself then, but when a pod is deleted or evicted it may stay
 * open for ever and silent.
 */
final class ExecClient implements AutoCloseable {
    private static final String PROTOCOL = "v4.channel.k8s.io";

    private final PodApi api;
    private final String namespace;
    private final ClusterTimings.Calls timings;
    private final ExecutorService callbacks = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("kubernetes-exec-", 0).factory());
    private final ScheduledExecutorService cuts = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("kubernetes-pod-ends").daemon().factory());
    private final HttpClient http;

    ExecClient(PodApi api, String namespace, ClusterTimings.Calls timings) {
        this.api = api;
        this.namespace = namespace;
        this.timings = timings;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .executor(callbacks)
                .connectTimeout(timings.exec())
                .version(HttpClient.Version.HTTP_1_1);
        try {
            if (api.connection().getMasterUrl().startsWith("https:")) {
                builder.sslContext(SSLUtils.sslContext(api.connection()));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("the cluster's certificates cannot be read", e);
        }
        this.http = builder.build();
    }

    /**
     * Starts {@code command} in a pod's container.
     *
     * @param pod is closed when the channel is, or this fails
     * @throws BackendException when the process was not started, and is not going to be
     */
    ExecChannel start(PodWatch.Observer pod, List<String> command) throws BackendException {
        ExecChannel channel = new ExecChannel(pod);
        CompletableFuture<WebSocket> opening;
        try {
            opening = open(pod.name(), command, channel);
        } catch (RuntimeException e) {
            // What gives the token may fail in its own way.
            channel.close();
            throw e;
        }
        try {
            opening.get(timings.exec().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            channel.close();
            throw refused(pod.name(), e.getCause());
        } catch (TimeoutException e) {
            CompletableFuture<WebSocket> _ = opening.whenComplete((late, _) -> {
                if (late != null) {
                    late.abort();
                }
            });
            channel.close();
            throw BackendException.unreachable("exec in %s: no answer".formatted(pod.name()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            channel.close();
            throw BackendException.unreachable("interrupted while starting a process", e);
        }
        pod.whenOver(() -> cutLater(channel));
        return channel;
    }

    private CompletableFuture<WebSocket> open(String pod, List<String> command, ExecChannel channel) {
        WebSocket.Builder builder =
                http.newWebSocketBuilder().subprotocols(PROTOCOL).connectTimeout(timings.exec());
        authorization(api.connection()).ifPresent(value -> builder.header("Authorization", value));
        return builder.buildAsync(address(pod, command), channel);
    }

    private void cutLater(ExecChannel channel) {
        if (!cuts.isShutdown()) {
            ScheduledFuture<?> _ = cuts.schedule(
                    () -> channel.fail("the pod is gone"), timings.lastWords().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        callbacks.shutdownNow();
        cuts.shutdownNow();
    }

    private URI address(String pod, List<String> command) {
        String server =
                api.connection().getMasterUrl().replaceFirst("^http", "ws").replaceFirst("/*$", "");
        String query = Stream.concat(
                        Stream.of("container=" + PodSpecs.CONTAINER, "stdin=true", "stdout=true", "stderr=true"),
                        command.stream()
                                .map(word -> "command="
                                        + URLEncoder.encode(word, UTF_8).replace("+", "%20")))
                .reduce((one, other) -> one + "&" + other)
                .orElseThrow();
        return URI.create("%s/api/v1/namespaces/%s/pods/%s/exec?%s".formatted(server, namespace, pod, query));
    }

    private static Optional<String> authorization(Config config) {
        if (config.getUsername() != null && config.getPassword() != null) {
            String pair = config.getUsername() + ":" + config.getPassword();
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
        }
        String provided = config.getOauthTokenProvider() == null
                ? null
                : config.getOauthTokenProvider().getToken();
        return Stream.of(
                        Optional.ofNullable(provided),
                        Optional.ofNullable(config.getOauthToken()),
                        Optional.ofNullable(config.getAutoOAuthToken()))
                .flatMap(Optional::stream)
                .findFirst()
                .map(token -> "Bearer " + token);
    }

    private static BackendException refused(String pod, @Nullable Throwable cause) {
        if (cause instanceof WebSocketHandshakeException refusal) {
            int status = refusal.getResponse().statusCode();
            return new BackendException(status, "exec in %s: %d".formatted(pod, status), cause);
        }
        return BackendException.unreachable("exec in %s: no answer".formatted(pod), cause);
    }
}
