package dev.codeinterpreter.run;

import dev.codeinterpreter.schedule.Deadlines;
import java.util.function.Supplier;

/**
 * What one run waits for the store. That does not count to the run's deadline, which is about its sandbox: a store that
 * answers late costs files, not the answer. For one thread.
 */
final class StoreWaits {
    private final Deadlines.Deadline deadline;
    private final RunTimings timings;
    private long nanos;

    StoreWaits(Deadlines.Deadline deadline, RunTimings timings) {
        this.deadline = deadline;
        this.timings = timings;
    }

    <T> T call(Supplier<T> store) {
        long begin = System.nanoTime();
        try {
            return deadline.without(timings.storeCall(), store);
        } finally {
            nanos += System.nanoTime() - begin;
        }
    }

    /** As {@link #call}, for what has no result. */
    void run(Runnable store) {
        boolean _ = call(() -> {
            store.run();
            return true;
        });
    }

    /** Whether the store has had all of its time. */
    boolean areOver() {
        return nanos >= timings.store().toNanos();
    }
}
