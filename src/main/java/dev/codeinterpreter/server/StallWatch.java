package dev.codeinterpreter.server;

import dev.codeinterpreter.schedule.PeriodicTask;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Ends connections on which nothing moves. The sockets have no time limits: virtual threads wait on channels, which know
 * none. So each wait is noted here with its deadline, and whoever is late is interrupted; the JDK then closes the channel.
 */
final class StallWatch {
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();

    /** Lives as long as the process, as its listener does; the thread is a daemon. */
    @SuppressWarnings("unused")
    private final PeriodicTask looking = PeriodicTask.every(PERIOD, "stall-watch", this::look);

    /**
     * Notes that the calling thread may block from now on; close what it gives on the same thread when it no longer does.
     *
     * @param excused asked when the patience is over: whether it may wait on
     */
    Wait begin(Duration patience, BooleanSupplier excused) {
        Wait wait = new Wait(System.nanoTime() + patience.toNanos(), excused);
        waits.add(wait);
        return wait;
    }

    private void look() {
        long now = System.nanoTime();
        for (Wait wait : waits) {
            if (wait.deadline - now < 0 && !wait.excused.getAsBoolean()) {
                wait.interrupt();
            }
        }
    }

    /** INVARIANT: the thread is interrupted only while it waits; {@code lock} guards the two flags. */
    final class Wait implements AutoCloseable {
        private final long deadline;
        private final BooleanSupplier excused;
        private final Thread thread = Thread.currentThread();
        private final ReentrantLock lock = new ReentrantLock();
        private boolean over;
        private boolean interrupted;

        private Wait(long deadline, BooleanSupplier excused) {
            this.deadline = deadline;
            this.excused = excused;
        }

        private void interrupt() {
            lock.lock();
            try {
                if (!over) {
                    interrupted = true;
                    thread.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            waits.remove(this);
            lock.lock();
            try {
                over = true;
            } finally {
                lock.unlock();
            }
            if (interrupted) {
                // It has done its work: the channel is closed, and who finds that out needs no other sign.
                boolean _ = Thread.interrupted();
            }
        }
    }
}
