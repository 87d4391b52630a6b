package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * From a pod that was created to a process in it.
 *
 * <p>Theory of operation: a node looks at its containers once a second and reports what it has seen, so a container has been
 * running for up to a second before its pod is said to run. But the node itself can be asked: an exec is refused until there
 * is a container to start it in. So some launches at a time try, from when the pod has a node; the others wait for the
 * report, which costs the cluster nothing. Whichever comes first. What the pod's status does not tell, events may: they are
 * asked for when it takes long.
 */
final class PodConnector {
    /** At a time; what tries cost a node is then bounded, however many launches there are. */
    private static final int MAX_EAGER_EXECS = 4;

    private final Duration readyTimeout;
    private final ClusterTimings.Launches timings;
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final Semaphore trying = new Semaphore(MAX_EAGER_EXECS);

    PodConnector(Duration readyTimeout, ClusterTimings.Launches timings, PodApi api, PodWatch watch, ExecClient exec) {
        this.readyTimeout = readyTimeout;
        this.timings = timings;
        this.api = api;
        this.watch = watch;
        this.exec = exec;
    }

    /**
     * Returns when the pod runs.
     *
     * @param start of the launch by {@link System#nanoTime}
     * @return a channel to the command, when it was started already
     * @throws ServiceException when the pod does not come to run
     */
    Optional<ExecChannel> open(PodWatch.Observer pod, List<String> command, long start) {
        try {
            Optional<ExecChannel> early = tryEagerExec(pod, command, start);
            if (early.isEmpty()) {
                awaitRunning(pod, start);
            }
            return early;
        } catch (BackendException e) {
            throw LaunchFailure.late(String.valueOf(e.getMessage())).toException(e);
        }
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
            System.getLogger(PodConnector.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot read the events of " + pod, e);
        }
    }

    private boolean isDecided(Pod pod, long start) {
        return PodState.isRunning(pod) || failure(pod, start).isPresent();
    }

    private Optional<LaunchFailure> failure(Pod pod, long start) {
        return LaunchFailure.of(pod, age(start), timings.unschedulable());
    }

    private Duration left(long start) {
        return readyTimeout.minus(age(start));
    }

    private static Duration age(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
