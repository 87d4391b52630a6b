package dev.codeinterpreter.schedule;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed number of permits, for which groups of waiters take turns: within a group they are granted in the order in which
 * they were asked for, so one that asks for hundreds delays another by one permit and not by hundreds. A group may have a
 * limit of its own. Unlike a {@code Semaphore}'s, a wait can be cancelled from another thread without interrupting the one
 * that waits: a waiter that is cancelled is out of the queue before {@link Cancellation#cancel} returns, so the next permit
 * goes to the one behind it.
 *
 * <p>INVARIANT: {@code lock} guards everything; while a permit is free, every group that has waiters is at its own limit.
 * Groups that hold nothing and wait for nothing are forgotten.
 */
public final class FairPermits {
    private static final String ALL = "";

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Group> groups = new HashMap<>();
    /** Those with waiters; the next one is first. */
    private final Set<Group> turns = new LinkedHashSet<>();

    private int free;

    public FairPermits(int permits) {
        this.free = permits;
    }

    private static final class Group {
        private final String name;
        /** In their order; a set, since one in the middle of thousands may leave. */
        private final Set<Waiter> waiters = new LinkedHashSet<>();

        private int held;
        private int max;

        private Group(String name) {
            this.name = name;
        }
    }

    /** As the other, in one group of all. */
    public boolean acquire(Duration timeout, Cancellation cancellation) throws InterruptedException {
        return acquire(ALL, Integer.MAX_VALUE, timeout, cancellation);
    }

    /**
     * Waits for a permit. The caller releases what it was granted, also when the cancellation came at the same time.
     *
     * @param max permits that the group may hold at once
     * @return false when there was none within {@code timeout}, or {@code cancellation} was cancelled before
     * @throws InterruptedException when the waiting thread is interrupted; no permit is held then
     */
    public boolean acquire(String group, int max, Duration timeout, Cancellation cancellation)
            throws InterruptedException {
        Waiter waiter = new Waiter(group);
        if (!cancellation.isCancelled() && waiter.isGrantedAtOnce(max)) {
            return true;
        }
        cancellation.onCancel(waiter::leave);
        return waiter.await(timeout);
    }

    /** As the other, for the group of all. */
    public void release() {
        release(ALL);
    }

    /** Hands the permit that {@code group} held to the group whose turn it is. */
    public void release(String group) {
        lock.lock();
        try {
            Group holder = groups.get(group);
            if (holder == null || holder.held == 0) {
                throw new IllegalStateException("a permit was released twice");
            }
            holder.held--;
            free++;
            grant();
            forgetIfIdle(holder);
        } finally {
            lock.unlock();
        }
    }

    /** Permits that the group holds now. */
    public int held(String group) {
        lock.lock();
        try {
            Group known = groups.get(group);
            return known == null ? 0 : known.held;
        } finally {
            lock.unlock();
        }
    }

    private void grant() {
        while (free > 0) {
            Group next = null;
            for (Group group : turns) {
                if (group.held < group.max) {
                    next = group;
                    break;
                }
            }
            if (next == null) {
                return;
            }
            grant(next);
        }
    }

    private void grant(Group group) {
        Iterator<Waiter> first = group.waiters.iterator();
        Waiter waiter = first.next();
        first.remove();
        turns.remove(group);
        if (!group.waiters.isEmpty()) {
            turns.add(group);
        }
        group.held++;
        free--;
        waiter.granted = true;
        waiter.changed.signal();
    }

    private void forgetIfIdle(Group group) {
        if (group.held == 0 && group.waiters.isEmpty()) {
            groups.remove(group.name);
        }
    }

    private final class Waiter {
        private final String name;
        private final Condition changed = lock.newCondition();
        private boolean granted;
        private boolean left;

        private Waiter(String group) {
            this.name = group;
        }

        /** Joins the queue otherwise. */
        boolean isGrantedAtOnce(int max) {
            lock.lock();
            try {
                Group group = groups.computeIfAbsent(name, Group::new);
                // It may have changed since the others came.
                group.max = max;
                group.waiters.add(this);
                turns.add(group);
                grant();
                return granted;
            } finally {
                lock.unlock();
            }
        }

        void leave() {
            lock.lock();
            try {
                left = true;
                leaveQueue();
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
                leaveQueue();
                return granted;
            } catch (InterruptedException e) {
                leaveQueue();
                if (granted) {
                    release(name);
                }
                throw e;
            } finally {
                lock.unlock();
            }
        }

        private void leaveQueue() {
            Group group = groups.get(name);
            if (group != null && group.waiters.remove(this) && group.waiters.isEmpty()) {
                turns.remove(group);
                forgetIfIdle(group);
            }
        }
    }
}
