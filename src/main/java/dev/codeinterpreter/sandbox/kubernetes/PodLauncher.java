package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** From a specification to a pod with a channel: create, start the command in it as soon as it runs. */
final class PodLauncher {
    /** Between tries, doubled each time, and as much again by chance so that many do not come together. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** An API server that is being replaced is away for a moment; one that is away for longer is not waited for. */
    private static final Duration UNREACHABLE = Duration.ofSeconds(3);

    private final KubernetesConfig config;
    private final PodSpecs specs;
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final PodDeleter removal;
    private final OrphanReaper orphans;
    private final Owners owners;
    private final PodConnector opening;
    private final Clock clock;

    PodLauncher(
            KubernetesConfig config,
            PodSpecs specs,
            PodApi api,
            PodWatch watch,
            ExecClient exec,
            PodDeleter removal,
            OrphanReaper orphans,
            Clock clock) {
        this.config = config;
        this.specs = specs;
        this.api = api;
        this.watch = watch;
        this.exec = exec;
        this.removal = removal;
        this.orphans = orphans;
        this.owners = new Owners(config.owners(), api);
        this.opening = new PodConnector(config.readyTimeout(), api, watch, exec);
        this.clock = clock;
    }

    /** A call that is worth another try when it fails. */
    private interface Call {
        void run() throws BackendException;
    }

    KubernetesSandbox launch(SandboxSpec spec) {
        long start = System.nanoTime();
        Pod pod = specs.create(spec, SandboxUids.random(), owners.of(spec.id()), clock.instant());
        KubernetesSandbox sandbox = new KubernetesSandbox(spec.id(), removal, orphans);
        try (PodObserver followed = watch.follow(spec.id().value())) {
            List<String> command = command(spec, create(pod, start));
            Optional<ExecChannel> early = opening.open(followed, command, start);
            if (early.isPresent()) {
                sandbox.connected(early.get());
            } else {
                retryTransient(
                        start,
                        () -> sandbox.connected(
                                exec.start(watch.follow(spec.id().value()), command)));
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

    /** The runner takes the names of variables that it has to leave out. */
    private static List<String> command(SandboxSpec spec, Pod created) {
        List<String> command = new ArrayList<>(spec.command());
        command.addAll(PodSpecs.foreignVariables(created, spec));
        return command;
    }

    /**
     * Returns the pod as the cluster has taken it. The answer to an earlier try may have been lost; nobody else could have
     * chosen the name.
     */
    private Pod create(Pod pod, long start) throws BackendException {
        boolean[] tried = {false};
        Pod[] created = {pod};
        retryTransient(start, () -> {
            try {
                created[0] = api.create(pod);
            } catch (BackendException e) {
                if (!e.isConflict() || !tried[0]) {
                    throw e;
                }
                created[0] = api.get(pod.getMetadata().getName()).orElse(pod);
            } finally {
                tried[0] = true;
            }
        });
        return created[0];
    }

    private void retryTransient(long start, Call call) throws BackendException {
        for (int attempt = 0; ; attempt++) {
            try {
                call.run();
                return;
            } catch (BackendException e) {
                long pause = PAUSE.toNanos() << Math.min(attempt, 5);
                pause += ThreadLocalRandom.current().nextLong(pause);
                Duration bound = e.isUnreachable() ? UNREACHABLE : config.readyTimeout();
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
            return api.permits(PodPermission.CREATE)
                    && (api.permits(PodPermission.CREATE_EXEC) || api.permits(PodPermission.GET_EXEC));
        } catch (BackendException e) {
            return true;
        }
    }

    private static Duration age(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
