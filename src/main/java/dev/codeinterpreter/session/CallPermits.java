package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.FairPermits;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Bounds what is done in sessions beside commands. Each call may be a process that the engine starts in the session, and a
 * connection to the engine, so all of them together need a limit; they need no permit of a run, which may take a minute.
 *
 * <p>Files that are read and written go at their clients' pace. So they have permits of their own: slow ones keep nobody
 * from asking or extending a session. Of either kind four times MAX_CONCURRENT_EXECUTIONS in this process; what is over it
 * waits for at most EXECUTION_QUEUE_TIMEOUT_SEC, and tenants that wait take turns. A tenant with max_concurrent has four times
 * that many.
 */
@SingleInstance
class CallPermits {
    private static final int PER_EXECUTION = 4;
    private static final String CALLS_TAKEN = "Too many sessions are being asked. Retry after the Retry-After delay.";

    private final FairPermits calls;
    private final FairPermits transfers;
    private final Duration timeout;
    private final Supplier<Caller> caller;

    @Inject
    CallPermits(RunConfig config) {
        this(PER_EXECUTION * config.maxConcurrent(), config.queueTimeout(), Caller::current);
    }

    CallPermits(int each, Duration timeout, Supplier<Caller> caller) {
        this.caller = caller;
        this.calls = new FairPermits(each);
        this.transfers = new FairPermits(each);
        this.timeout = timeout;
    }

    /** Closing it twice gives it back once. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @throws ServiceException CONCURRENCY_LIMIT
     * @throws ClientGoneException when the client of this thread's request left before its turn, which is not noticed of a
     *     request whose body has not been read
     */
    Permit call() {
        return acquire(calls, CALLS_TAKEN);
    }

    /** As {@link #call} for a request that is watched already. */
    Permit call(Cancellation cancellation) {
        return acquire(calls, CALLS_TAKEN, cancellation);
    }

    /**
     * @throws ServiceException CONCURRENCY_LIMIT
     * @throws ClientGoneException as {@link #call}
     */
    Permit transfer() {
        return acquire(transfers, "Too many files of sessions are being sent. Retry after the Retry-After delay.");
    }

    private Permit acquire(FairPermits permits, String refusal) {
        Cancellation cancellation = new Cancellation();
        try (ClientWatch _ = ClientWatch.begin(cancellation::cancel)) {
            return acquire(permits, refusal, cancellation);
        }
    }

    private Permit acquire(FairPermits permits, String refusal, Cancellation cancellation) {
        Caller asking = caller.get();
        String tenant = asking.tenant();
        int max = (int) Math.min(
                Integer.MAX_VALUE,
                (long) PER_EXECUTION * asking.limits().maxConcurrent().orElse(Integer.MAX_VALUE));
        try {
            boolean granted = permits.acquire(tenant, max, timeout, cancellation);
            if (cancellation.isCancelled()) {
                if (granted) {
                    permits.release(tenant);
                }
                throw new ClientGoneException();
            }
            if (!granted) {
                throw new ServiceException(ErrorCode.CONCURRENCY_LIMIT, refusal);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(ErrorCode.CONCURRENCY_LIMIT, refusal, e);
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                permits.release(tenant);
            }
        };
    }
}
