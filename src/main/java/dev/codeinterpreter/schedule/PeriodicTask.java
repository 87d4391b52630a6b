package dev.codeinterpreter.schedule;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Repeats an action on a daemon thread of its own, the pause counted from the action's end. An action that throws is
 * logged and repeated all the same: the JDK's executors would silently never call it again.
 */
public final class PeriodicTask implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeriodicTask.class.getName());

    private final String name;
    private final Runnable action;
    private final Supplier<Duration> pause;
    private final ScheduledExecutorService thread;

    private PeriodicTask(String name, Duration delay, Supplier<Duration> pause, Runnable action) {
        this.name = name;
        this.action = action;
        this.pause = pause;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
        after(delay);
    }

    /** Starts with a pause. */
    public static PeriodicTask every(Duration pause, String name, Runnable action) {
        return new PeriodicTask(name, pause, () -> pause, action);
    }

    /** Starts with the action. */
    public static PeriodicTask nowAndEvery(Duration pause, String name, Runnable action) {
        return nowAndEvery(() -> pause, name, action);
    }

    /**
     * Starts with the action.
     *
     * @param pause asked after each time; were it to throw, there would be no next one
     */
    public static PeriodicTask nowAndEvery(Supplier<Duration> pause, String name, Runnable action) {
        return new PeriodicTask(name, Duration.ZERO, pause, action);
    }

    /** Interrupts a running action and does not wait for it. */
    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void after(Duration delay) {
        Object _ = thread.schedule(this::once, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void once() {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, name + " failed, it is tried again", e);
        }
        try {
            after(pause.get());
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} has been closed", name);
        }
    }
}
