package dev.codeinterpreter.schedule;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed number of permits, granted in the order in which they were asked for. Unlike a {@code Semaphore}'s, a wait can be
 * cancelled from another thread without interrupting the one that waits: a waiter that is cancelled is out of the queue
 * before {@link Cancellation#cancel} returns, so the next permit goes to the one behind it.
 *
 * <p>INVARIANT: {@code lock} guards everything; there are no waiters while a permit is free.
 */
public final class FairPermits {
    private final ReentrantLock lock = new ReentrantLock();
    /** In their order; a set, since one in the middle of thousands may leave. */
    private final Set<Waiter> waiters = new LinkedHashSet<>();

    private int free;

    public FairPermits(int permits) {
        this.free = permits;
    }

    /**
     * Waits for a permit. The caller releases what it was granted, also when the cancellation came at the same time.
     *
     * @return false when there was none within {@code timeout}, or {@code cancellation} was cancelled before
     * @throws InterruptedException when the waiting thread is interrupted; no permit is held then
     */
    public boolean acquire(Duration timeout, Cancellation cancellation) throws InterruptedException {
        Waiter waiter = new Waiter();
        if (!cancellation.isCancelled() && waiter.isGrantedAtOnce()) {
            return true;
        }
        cancellation.onCancel(waiter::leave);
        return waiter.await(timeout);
    }

    /** Hands the permit to the first that waits. */
    public void release() {
        lock.lock();
        try {
            Iterator<Waiter> first = waiters.iterator();
            if (first.hasNext()) {
                Waiter waiter = first.next();
                first.remove();
                waiter.granted = true;
                waiter.changed.signal();
            } else {
                free++;
            }
        } finally {
            lock.unlock();
        }
    }

    private final class Waiter {
        private final Condition changed = lock.newCondition();
        private boolean granted;
        private boolean left;

        /** Joins the queue otherwise. */
        boolean isGrantedAtOnce() {
            lock.lock();
            try {
                if (free > 0) {
                    free--;
                    return true;
                }
                waiters.add(this);
                return false;
            } finally {
                lock.unlock();
            }
        }

        void leave() {
            lock.lock();
            try {
                left = true;
                waiters.remove(this);
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        boolean await(Duration timeout) throws InterruptedException {
            lock.lock();
            try {
                long remaining = timeout.toNanos();
                while (!granted && !left && remaining > 0) {
                    remaining = changed.awaitNanos(remaining);
                }
                waiters.remove(this);
                return granted;
            } catch (InterruptedException e) {
                waiters.remove(this);
                if (granted) {
                    release();
                }
                throw e;
            } finally {
                lock.unlock();
            }
        }
    }
}
