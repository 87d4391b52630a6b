package dev.codeinterpreter.run;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.FairPermits;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A bounded number of permits, first come first served. Each wait is bounded too, and ends when its client leaves. */
@SingleInstance
public class Admission {
    private final FairPermits permits;
    private final Duration timeout;
    private final RunListener listener;

    @Inject
    Admission(RunConfig config, RunListener listener) {
        this(config.maxConcurrent(), config.queueTimeout(), listener);
    }

    Admission(int permits, Duration timeout, RunListener listener) {
        this.permits = new FairPermits(permits);
        this.timeout = timeout;
        this.listener = listener;
    }

    /** The right to run one operation; closing it twice releases it once. */
    public interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /** What is done while a permit is held. */
    public interface Work<T> {
        /** @param permit to be closed by its last user, on every path */
        T with(Permit permit);
    }

    /**
     * Waits for a permit, does {@code work} while it is held, and notifies the listener of both.
     *
     * @param exitOf how the program ended, if the result is one's
     * @param cancellation ends the wait at once; {@code work} has to see to it itself
     * @throws ServiceException CONCURRENCY_LIMIT when no permit became free in time, else what {@code work} throws
     * @throws ClientGoneException when it was cancelled before it had a permit; {@code work} is not begun then
     */
    public <T> T admit(
            Operation operation, Cancellation cancellation, Function<T, Optional<ProgramExit>> exitOf, Work<T> work) {
        Permit permit = acquire(operation, cancellation);
        long start = System.nanoTime();
        Outcome outcome = Outcome.ERROR;
        try {
            T result = work.with(permit);
            Optional<ProgramExit> exit = exitOf.apply(result);
            exit.ifPresent(ended -> listener.terminated(operation, ended));
            outcome = exit.map(Outcome::of).orElse(Outcome.OK);
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

    /** As {@link #admit} does, without notifying the listener when it is over. */
    Permit acquire(Operation operation, Cancellation cancellation) {
        long start = System.nanoTime();
        try (Span _ = Tracing.begin("admission.wait")) {
            boolean granted = permits.acquire(timeout, cancellation);
            if (cancellation.isCancelled()) {
                if (granted) {
                    permits.release();
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
                permits.release();
            }
        };
    }

    private ServiceException saturated(Operation operation, @Nullable Throwable cause) {
        ServiceException failure = new ServiceException(
                ErrorCode.CONCURRENCY_LIMIT,
                "Execution capacity on this replica is saturated. Retry after the Retry-After delay.",
                cause);
        listener.rejected(operation, failure);
        return failure;
    }
}
