package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** From a specification to a pod with a channel: create, start the command in it as soon as it runs. */
final class PodLauncher {
    private final KubernetesConfig config;
    private final ClusterTimings.Launches timings;
    private final PodSpecs specs;
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final PodDeleter removal;
    private final Owners owners;
    private final PodConnector opening;
    private final Clock clock;

    PodLauncher(
            KubernetesConfig config,
            ClusterTimings.Launches timings,
            PodSpecs specs,
            PodApi api,
            PodWatch watch,
            ExecClient exec,
            PodDeleter removal,
            Clock clock) {
        this.config = config;
        this.timings = timings;
        this.specs = specs;
        this.api = api;
        this.watch = watch;
        this.exec = exec;
        this.removal = removal;
        this.owners = new Owners(config.owners(), api);
        this.opening = new PodConnector(config.readyTimeout(), timings, api, watch, exec);
        this.clock = clock;
    }

    /** A call that is worth another try when it fails. */
    private interface Call {
        void run() throws BackendException;
    }

    KubernetesSandbox launch(SandboxSpec spec) {
        long start = System.nanoTime();
        Pod pod = specs.create(spec, PodUser.randomUid(), owners.of(spec.id()), clock.instant());
        KubernetesSandbox sandbox = new KubernetesSandbox(spec.id(), removal);
        try (PodWatch.Observer followed = watch.follow(spec.id().value())) {
            create(pod, start);
            Optional<ExecChannel> early = opening.open(followed, spec.command(), start);
            if (early.isPresent()) {
                sandbox.connected(early.get());
            } else {
                retryTransient(
                        start,
                        () -> sandbox.connected(
                                exec.start(watch.follow(spec.id().value()), spec.command())));
            }
            return sandbox;
        } catch (BackendException e) {
            sandbox.abandon();
            throw unavailable(e);
        } catch (RuntimeException | Error e) {
            sandbox.abandon();
            throw e;
        }
    }

    /** The answer to an earlier try may have been lost; nobody else could have chosen the name. */
    private void create(Pod pod, long start) throws BackendException {
        boolean[] tried = {false};
        retryTransient(start, () -> {
            try {
                api.create(pod);
            } catch (BackendException e) {
                if (!e.isConflict() || !tried[0]) {
                    throw e;
                }
            } finally {
                tried[0] = true;
            }
        });
    }

    private void retryTransient(long start, Call call) throws BackendException {
        for (int attempt = 0; ; attempt++) {
            try {
                call.run();
                return;
            } catch (BackendException e) {
                long pause = timings.retry().toNanos() << Math.min(attempt, 5);
                pause += ThreadLocalRandom.current().nextLong(pause);
                Duration bound = e.isUnreachable() ? timings.unreachable() : config.readyTimeout();
                boolean late = age(start).plusNanos(pause).compareTo(bound) > 0;
                if (!e.isTransient() || late || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(pause);
            }
        }
    }

    private ServiceException unavailable(BackendException e) {
        if (e.isUnreachable()) {
            return ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "the cluster does not answer.", e);
        }
        if (e.isNotFound()) {
            return ServiceException.capacity(
                    Rejection.NAMESPACE_MISSING, "the namespace of the sandboxes is missing.", e);
        }
        if (e.isForbidden()) {
            // A quota that is used up has the same status as a role that lacks a verb.
            return isPermitted()
                    ? ServiceException.capacity(
                            Rejection.QUOTA_EXCEEDED, "the cluster's quota or policies refuse a sandbox.", e)
                    : ServiceException.capacity(Rejection.NOT_PERMITTED, "the service may not launch sandboxes.", e);
        }
        if (e.isTransient()) {
            return ServiceException.capacity(Rejection.ENGINE_BUSY, "the cluster cannot launch sandboxes now.", e);
        }
        return ServiceException.capacity(Rejection.LAUNCH_FAILED, "the cluster could not start a sandbox.", e);
    }

    private boolean isPermitted() {
        try {
            return api.permits(PodApi.Permission.CREATE)
                    && (api.permits(PodApi.Permission.CREATE_EXEC) || api.permits(PodApi.Permission.GET_EXEC));
        } catch (BackendException e) {
            return true;
        }
    }

    private static Duration age(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
