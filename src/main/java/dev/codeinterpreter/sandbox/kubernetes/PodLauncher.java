package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * From a specification to a pod with a channel: creates it, and starts the command in it as soon as it runs.
 *
 * <p>Theory of operation: a node looks at its containers once a second and reports what it has seen, so a container has been
 * running for up to a second before its pod is said to run. But the node itself can be asked: an exec is refused until there
 * is a container to start it in. So some launches at a time try, from when the pod has a node; the others wait for the
 * report, which costs the cluster nothing. Whichever comes first. What the pod's status does not tell, events may: they are
 * asked for when it takes long.
 */
final class PodLauncher {
    /** At a time; what tries cost a node is then bounded, however many launches there are. */
    private static final int MAX_EAGER_EXECS = 4;

    private final KubernetesConfig config;
    private final ClusterTimings.Launches timings;
    private final PodSpecs specs;
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final PodDeleter removal;
    private final Owners owners;
    private final Semaphore trying = new Semaphore(MAX_EAGER_EXECS);
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
        this.clock = clock;
    }

    /** A call that is worth another try when it fails. */
    private interface Call<T> {
        T run() throws BackendException;
    }

    KubernetesSandbox launch(SandboxSpec spec) {
        long start = System.nanoTime();
        Pod pod = specs.create(spec, PodUser.randomUid(), owners.of(spec.id()), clock.instant());
        KubernetesSandbox sandbox = new KubernetesSandbox(spec.id(), removal);
        try (PodWatch.Observer followed = watch.follow(spec.id().value())) {
            List<String> command = command(spec, create(pod, start));
            sandbox.connected(connect(followed, command, start));
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
        return retryTransient(start, () -> {
            try {
                return api.create(pod);
            } catch (BackendException e) {
                if (!e.isConflict() || !tried[0]) {
                    throw e;
                }
                return api.get(pod.getMetadata().getName()).orElse(pod);
            } finally {
                tried[0] = true;
            }
        });
    }

    /**
     * Starts the command in a pod that was created.
     *
     * @param start of the launch by {@link System#nanoTime}
     * @throws ServiceException when the pod does not come to run
     * @throws BackendException when it runs, and the command cannot be started
     */
    private ExecChannel connect(PodWatch.Observer pod, List<String> command, long start) throws BackendException {
        try {
            Optional<ExecChannel> early = tryEagerExec(pod, command, start);
            if (early.isPresent()) {
                return early.get();
            }
            awaitRunning(pod, start);
        } catch (BackendException e) {
            throw LaunchFailure.late(String.valueOf(e.getMessage())).toException(e);
        }
        return retryTransient(start, () -> exec.start(watch.follow(pod.name()), command));
    }

    private Optional<ExecChannel> tryEagerExec(PodWatch.Observer pod, List<String> command, long start)
            throws BackendException {
        if (!trying.tryAcquire()) {
            return Optional.empty();
        }
        try {
            return tryEarly(pod, command, start);
        } finally {
            trying.release();
        }
    }

    private Optional<ExecChannel> tryEarly(PodWatch.Observer pod, List<String> command, long start)
            throws BackendException {
        if (!pod.hasWithin(now -> PodState.isPlaced(now) || isDecided(now, start), timings.diagnose())) {
            return Optional.empty();
        }
        Duration pause = timings.firstExec();
        while (!pod.hasWithin(now -> isDecided(now, start), pause) && age(start).compareTo(timings.diagnose()) <= 0) {
            try {
                return Optional.of(exec.start(watch.follow(pod.name()), command));
            } catch (BackendException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                pause = timings.nextExec();
            }
        }
        return Optional.empty();
    }

    private void awaitRunning(PodWatch.Observer pod, long start) throws BackendException {
        Duration doubts = timings.diagnose().minus(age(start));
        while (doubts.compareTo(left(start)) < 0 && !pod.hasWithin(now -> isDecided(now, start), doubts)) {
            failOnWarningEvent(pod.name());
            doubts = timings.diagnoseAgain();
        }
        Optional<Pod> now = pod.await(last -> isDecided(last, start), left(start));
        Optional<LaunchFailure> failure = now.isEmpty() ? Optional.of(LaunchFailure.gone()) : failure(now.get(), start);
        if (failure.isPresent()) {
            throw failure.get().toException(null);
        }
    }

    private void failOnWarningEvent(String pod) {
        try {
            Optional<LaunchFailure> failure = LaunchFailure.of(api.warnings(pod));
            if (failure.isPresent()) {
                throw failure.get().toException(null);
            }
        } catch (BackendException e) {
            // Not permitted, perhaps. Then time tells.
            System.getLogger(PodLauncher.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot read the events of " + pod, e);
        }
    }

    private boolean isDecided(Pod pod, long start) {
        return PodState.isRunning(pod) || failure(pod, start).isPresent();
    }

    private Optional<LaunchFailure> failure(Pod pod, long start) {
        return LaunchFailure.of(pod, age(start), timings.unschedulable());
    }

    private <T> T retryTransient(long start, Call<T> call) throws BackendException {
        for (int attempt = 0; ; attempt++) {
            try {
                return call.run();
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

    private Duration left(long start) {
        return config.readyTimeout().minus(age(start));
    }

    private static Duration age(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
