package dev.codeinterpreter.run;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.FairPermits;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of permits, for which tenants take turns: a tenant that sends hundreds keeps no other waiting for long.
 * Each wait is bounded too, and ends when its client leaves.
 */
@SingleInstance
public class Admission {
    private static final String SATURATED =
            "Execution capacity on this replica is saturated. Retry after the Retry-After delay.";

    /** The group of what the service asks itself; a tenant's name is not empty. */
    private static final String SERVICE = "";

    private final FairPermits permits;
    private final Duration timeout;
    private final RunListener listener;
    private final Supplier<Caller> callers;
    private final CpuAccounts cpu;

    @Inject
    Admission(RunConfig config, RunListener listener) {
        this(config.maxConcurrent(), config.queueTimeout(), listener, Caller::current);
    }

    /** In the name of one tenant. */
    Admission(int permits, Duration timeout, RunListener listener) {
        this(permits, timeout, listener, () -> Caller.DEFAULT);
    }

    /** @param callers says in whose name the calling thread works */
    Admission(int permits, Duration timeout, RunListener listener, Supplier<Caller> callers) {
        this(permits, timeout, listener, callers, new CpuAccounts());
    }

    Admission(int permits, Duration timeout, RunListener listener, Supplier<Caller> callers, CpuAccounts cpu) {
        this.cpu = cpu;
        this.callers = callers;
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
     * @throws ServiceException CONCURRENCY_LIMIT when no permit became free in time, RATE_LIMITED when the tenant's programs
     *     have used up their processor time, else what {@code work} throws
     * @throws ClientGoneException when it was cancelled before it had a permit; {@code work} is not begun then
     */
    public <T> T admit(
            Operation operation, Cancellation cancellation, Function<T, Optional<ProgramExit>> exitOf, Work<T> work) {
        Caller caller = callers.get();
        try {
            cpu.check(caller);
        } catch (ServiceException e) {
            listener.rejected(operation, e);
            throw e;
        }
        Permit permit = acquire(operation, cancellation);
        long start = System.nanoTime();
        Outcome outcome = Outcome.ERROR;
        try {
            T result = work.with(permit);
            Optional<ProgramExit> exit = exitOf.apply(result);
            exit.ifPresent(ended -> {
                cpu.add(caller, ended.cpuTime());
                note(ended);
                listener.terminated(operation, ended);
            });
            outcome = exit.map(Outcome::of).orElse(Outcome.OK);
            return result;
        } catch (RuntimeException e) {
            outcome = Outcome.of(e);
            if (isWithoutExit(e) && !operation.createsSession()) {
                // Its processor time is not known; a client must not save it by leaving before the result.
                cpu.add(caller, Duration.ofNanos(System.nanoTime() - start));
            }
            if (e instanceof ClientGoneException) {
                RequestNotes.current().outcome(outcome.label());
            }
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
        Caller caller = callers.get();
        // The service's own callers have no scopes; no tenant waits behind them, nor they behind its requests.
        String tenant = caller.scopes().isEmpty() ? SERVICE : caller.tenant();
        int max = caller.limits().maxConcurrent().orElse(Integer.MAX_VALUE);
        long start = System.nanoTime();
        try (Span _ = Tracing.begin("admission.wait")) {
            boolean granted = permits.acquire(tenant, max, timeout, cancellation);
            if (cancellation.isCancelled()) {
                if (granted) {
                    permits.release(tenant);
                }
                RequestNotes.current().outcome(Outcome.CANCELLED.label());
                listener.left(operation);
                throw new ClientGoneException();
            }
            if (!granted) {
                throw saturated(operation, permits.held(tenant) >= max ? ownLimit(max) : SATURATED, null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw saturated(operation, SATURATED, e);
        }
        listener.admitted(operation, Duration.ofNanos(System.nanoTime() - start));
        AtomicBoolean taken = new AtomicBoolean(true);
        return () -> {
            if (taken.compareAndSet(true, false)) {
                permits.release(tenant);
            }
        };
    }

    /** Whether a program may have run, of which there is no result. */
    private static boolean isWithoutExit(RuntimeException failure) {
        return failure instanceof ClientGoneException
                || (failure instanceof ServiceException known
                        // A session that was deleted under its program is not found.
                        && (known.code() == ErrorCode.NOT_FOUND
                                || known.reason().equals(Rejection.SANDBOX_LOST.label())));
    }

    private static void note(ProgramExit exit) {
        RequestNotes.current()
                .exit(exit.termination().name().toLowerCase(Locale.ROOT), exit.exitCode(), exit.wallTime());
    }

    private static String ownLimit(int max) {
        return "The tenant's maximum of %d operations at once (max_concurrent) is reached. Retry after the Retry-After delay."
                .formatted(max);
    }

    private ServiceException saturated(Operation operation, String message, @Nullable Throwable cause) {
        ServiceException failure = new ServiceException(ErrorCode.CONCURRENCY_LIMIT, message, cause);
        listener.rejected(operation, failure);
        return failure;
    }
}
