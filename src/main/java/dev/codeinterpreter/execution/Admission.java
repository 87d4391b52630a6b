package dev.codeinterpreter.execution;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** A bounded number of places, given first come first served, each wait bounded too. */
@SingleInstance
public class Admission {
    private final Semaphore places;
    private final Duration patience;
    private final ExecutionListener listener;

    @Inject
    Admission(Settings settings, ExecutionListener listener) {
        this(
                ExecutionConfig.from(settings).maxConcurrent(),
                ExecutionConfig.from(settings).queueTimeout(),
                listener);
    }

    Admission(int places, Duration patience, ExecutionListener listener) {
        this.places = new Semaphore(places, true);
        this.patience = patience;
        this.listener = listener;
    }

    /** One place; closing it twice gives it back once. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** What is done in a place. */
    public interface Work<T> {
        /** @param place to be closed by whoever is the last to need it, on every path */
        T in(Place place);
    }

    /**
     * Waits for a place, does {@code work} in it, and tells the listener of both.
     *
     * @throws ServiceException SATURATED when no place became free in time, else what {@code work} throws
     */
    public <T> T admit(Operation operation, Function<T, Outcome> judge, Work<T> work) {
        Place place = enter(operation);
        long start = System.nanoTime();
        Outcome outcome = Outcome.ERROR;
        try {
            T result = work.in(place);
            outcome = judge.apply(result);
            return result;
        } catch (RuntimeException e) {
            outcome = Outcome.of(e);
            if (e instanceof ServiceException failure && failure.code() == ErrorCode.CAPACITY_UNAVAILABLE) {
                listener.rejected(operation, failure);
            }
            throw e;
        } finally {
            listener.completed(operation, outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** As {@link #admit} does, without telling when it is over. */
    Place enter(Operation operation) {
        long start = System.nanoTime();
        try {
            if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw saturated(operation, null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw saturated(operation, e);
        }
        listener.admitted(operation, Duration.ofNanos(System.nanoTime() - start));
        AtomicBoolean taken = new AtomicBoolean(true);
        return () -> {
            if (taken.compareAndSet(true, false)) {
                places.release();
            }
        };
    }

    private ServiceException saturated(Operation operation, @org.jspecify.annotations.Nullable Throwable cause) {
        ServiceException failure = new ServiceException(
                ErrorCode.SATURATED,
                "Execution capacity on this replica is saturated. Retry after the Retry-After delay.",
                cause);
        listener.rejected(operation, failure);
        return failure;
    }
}
