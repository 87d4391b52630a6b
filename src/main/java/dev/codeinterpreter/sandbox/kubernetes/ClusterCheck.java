package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whether pods can be launched, and if not what is missing: asked of the API, which is let to try one out. */
final class ClusterCheck {
    /** The trial is like a sandbox, but small: it is about whether pods are taken at all. */
    private static final ResourceLimits SMALL =
            new ResourceLimits(16L << 20, 1 << 20, 1 << 20, 1 << 20, 64, 1, 5, 24 << 20);

    /** Stands in the trial and decides nothing: the pod is never created. */
    private static final Duration LIFE = Duration.ofMinutes(1);

    private final KubernetesConfig config;
    private final PodSpecs specs;
    private final PodApi api;
    private final Clock clock;

    ClusterCheck(KubernetesConfig config, PodSpecs specs, PodApi api, Clock clock) {
        this.config = config;
        this.specs = specs;
        this.api = api;
        this.clock = clock;
    }

    BackendHealth within(Duration timeout) {
        CompletableFuture<BackendHealth> answer = new CompletableFuture<>();
        Thread asking = Thread.ofVirtual().name("kubernetes-check").start(() -> {
            try {
                answer.complete(ask());
            } catch (RuntimeException | InterruptedException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            asking.interrupt();
            return BackendHealth.failing("the Kubernetes API does not answer");
        } catch (InterruptedException e) {
            asking.interrupt();
            Thread.currentThread().interrupt();
            return BackendHealth.failing("the check was interrupted");
        }
    }

    /** All at once: one after another the answers would take more time than the caller has. */
    private BackendHealth ask() throws InterruptedException {
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        try {
            Map<PodApi.Permission, Future<Boolean>> permitted = new EnumMap<>(PodApi.Permission.class);
            for (PodApi.Permission permission : PodApi.Permission.values()) {
                permitted.put(permission, calls.submit(() -> api.permits(permission)));
            }
            Future<?> tried = calls.submit(() -> {
                api.tryCreate(trial());
                return null;
            });
            List<PodApi.Permission> missing = new ArrayList<>();
            for (Map.Entry<PodApi.Permission, Future<Boolean>> asked : permitted.entrySet()) {
                if (!answer(asked.getValue())) {
                    missing.add(asked.getKey());
                }
            }
            if (!missing.isEmpty()) {
                return BackendHealth.failing("the service lacks these permissions in namespace %s: %s"
                        .formatted(config.namespace(), missing));
            }
            answer(tried);
            return BackendHealth.ok();
        } catch (BackendException e) {
            return judge(e);
        } finally {
            calls.shutdownNow();
        }
    }

    private static <T> T answer(Future<T> call) throws BackendException, InterruptedException {
        try {
            return call.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BackendException refused) {
                throw refused;
            }
            throw new IllegalStateException("a call of the Kubernetes API failed", e.getCause());
        }
    }

    private BackendHealth judge(BackendException e) {
        if (e.isNotFound()) {
            return BackendHealth.failing("the namespace %s is missing".formatted(config.namespace()));
        }
        if (e.isForbidden()) {
            // Permitted and still refused. A quota that is used up passes; a run meanwhile reports it.
            return e.isQuota()
                    ? BackendHealth.ok()
                    : BackendHealth.failing(
                            "the policies of namespace %s refuse sandboxes".formatted(config.namespace()));
        }
        return e.isTransient()
                ? BackendHealth.failing("the Kubernetes API does not answer")
                : BackendHealth.failing("the Kubernetes API refuses sandboxes as they are configured");
    }

    private Pod trial() {
        Instant now = clock.instant();
        SandboxSpec spec =
                new SandboxSpec(SandboxId.random(), "", RunnerScript.command(), Map.of(), SMALL, now.plus(LIFE));
        return specs.create(spec, PodUser.randomUid(), Optional.empty(), now);
    }
}
