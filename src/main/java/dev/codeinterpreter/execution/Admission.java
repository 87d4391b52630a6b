package dev.codeinterpreter.execution;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.FairPermits;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** A bounded number of places, given first come first served, each wait bounded too, and over when its client leaves. */
@SingleInstance
public class Admission {
    private final FairPermits places;
    private final Duration timeout;
    private final ExecutionListener listener;

    @Inject
    Admission(Settings settings, ExecutionListener listener) {
        this(
                ExecutionConfig.from(settings).maxConcurrent(),
                ExecutionConfig.from(settings).queueTimeout(),
                listener);
    }

    Admission(int places, Duration timeout, ExecutionListener listener) {
        this.places = new FairPermits(places);
        this.timeout = timeout;
        this.listener = listener;
    }

    /** One place; closing it twice gives it back once. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** What is done in a place. */
    public interface Work<T> {
        /** @param place to be closed by its last user, on every path */
        T in(Place place);
    }

    /**
     * Waits for a place, does {@code work} in it, and tells the listener of both.
     *
     * @param cancellation ends the wait at once; in its place {@code work} has to see to it itself
     * @throws ServiceException CONCURRENCY_LIMIT when no place became free in time, else what {@code work} throws
     * @throws ClientGoneException when it was cancelled before it had a place; {@code work} is not begun then
     */
    public <T> T admit(Operation operation, Cancellation cancellation, Function<T, Outcome> judge, Work<T> work) {
        Place place = enter(operation, cancellation);
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
    Place enter(Operation operation, Cancellation cancellation) {
        long start = System.nanoTime();
        try {
            boolean granted = places.acquire(timeout, cancellation);
            if (cancellation.isCancelled()) {
                if (granted) {
                    places.release();
                }
                listener.left(operation);
                throw new ClientGoneException();
            }
            if (!granted) {
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
                ErrorCode.CONCURRENCY_LIMIT,
                "Execution capacity on this replica is saturated. Retry after the Retry-After delay.",
                cause);
        listener.rejected(operation, failure);
        return failure;
    }
}
