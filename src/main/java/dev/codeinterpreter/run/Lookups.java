package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.logging.RequestId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/** Asks a store for several files at a time, as one after another each would be a round trip of its own. */
final class Lookups {
    /** Of one request. With 16 requests that stage from a bucket there are 128 connections to it. */
    static final int MAX_AT_ONCE = 8;

    private Lookups() {}

    /**
     * What {@code lookup} gives for each item, in their order. It runs on other threads, for the caller's request, and after
     * a failure for no further item: a store that is away costs the time of one lookup.
     *
     * @param undo takes back what was found when another one fails
     * @throws RuntimeException that of the first item in their order that failed
     * @throws ServiceException CAPACITY_UNAVAILABLE when the caller is interrupted before any lookup failed
     */
    static <A, T> List<T> all(List<A> items, Function<A, T> lookup, Consumer<T> undo) {
        List<Future<T>> results = results(items, lookup);
        List<T> found = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        for (Future<T> result : results) {
            if (result.state() == Future.State.SUCCESS) {
                found.add(result.resultNow());
            } else {
                failures.add(result.exceptionNow());
            }
        }
        if (found.size() == items.size()) {
            return found;
        }
        found.forEach(undo);
        if (failures.isEmpty()) {
            throw new ServiceException(ErrorCode.CAPACITY_UNAVAILABLE, "The request was interrupted.");
        }
        if (failures.getFirst() instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) failures.getFirst(); // a Function throws nothing else
    }

    /** Done, all of them. They begin in their order, so that of all that would fail the first is among them. */
    private static <A, T> List<Future<T>> results(List<A> items, Function<A, T> lookup) {
        Semaphore permits = new Semaphore(MAX_AT_ONCE);
        AtomicBoolean failed = new AtomicBoolean();
        List<Future<T>> results = new ArrayList<>();
        // Its close waits for all of them, and interrupts them when the caller is interrupted.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (A item : items) {
                if (!acquire(permits) || failed.get()) {
                    break;
                }
                results.add(threads.submit(RequestId.carryCall(() -> {
                    boolean succeeded = false;
                    try {
                        T found = lookup.apply(item);
                        succeeded = true;
                        return found;
                    } finally {
                        if (!succeeded) {
                            failed.set(true);
                        }
                        permits.release();
                    }
                })));
            }
        }
        return results;
    }

    /** False when the caller is interrupted, and it still is, so that the close behind it interrupts the lookups. */
    private static boolean acquire(Semaphore permits) {
        try {
            permits.acquire();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
