package dev.codeinterpreter.sandbox.kubernetes;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Cuts the streams of pods that are over. A stream usually ends by itself then, but when a pod is deleted or evicted it may
 * stay open for ever and silent.
 */
final class TerminationWatcher implements AutoCloseable {
    private final Duration lastWords;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("kubernetes-pod-ends").daemon().factory());

    TerminationWatcher(ClusterTimings.Calls timings) {
        this.lastWords = timings.lastWords();
    }

    void cutWhenOver(PodObserver pod, ExecChannel channel) {
        pod.whenOver(() -> {
            if (!timer.isShutdown()) {
                ScheduledFuture<?> _ = timer.schedule(
                        () -> channel.fail("the pod is gone"), lastWords.toNanos(), TimeUnit.NANOSECONDS);
            }
        });
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
