package dev.codeinterpreter.schedule;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Repeats an action on a daemon thread of its own, the pause counted from the action's end. An action that throws is
 * logged and repeated all the same: the JDK's executors would silently never call it again.
 */
public final class PeriodicTask implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeriodicTask.class.getName());

    private final String name;
    private final Runnable action;
    private final ScheduledExecutorService thread;
    private final ScheduledFuture<?> schedule;

    private PeriodicTask(String name, Duration delay, Duration pause, Runnable action) {
        this.name = name;
        this.action = action;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
        this.schedule =
                thread.scheduleWithFixedDelay(this::once, delay.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Starts with a pause. */
    public static PeriodicTask every(Duration pause, String name, Runnable action) {
        return new PeriodicTask(name, pause, pause, action);
    }

    /** Starts with the action. */
    public static PeriodicTask nowAndEvery(Duration pause, String name, Runnable action) {
        return new PeriodicTask(name, Duration.ZERO, pause, action);
    }

    /** Interrupts a running action and does not wait for it. */
    @Override
    public void close() {
        schedule.cancel(true);
        thread.shutdownNow();
    }

    private void once() {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, name + " failed, it is tried again", e);
        }
    }
}
