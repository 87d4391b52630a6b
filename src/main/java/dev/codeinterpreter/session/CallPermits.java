package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.RunConfig;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Bounds what is done in sessions beside commands. Each call is a process that the engine starts in the session, and a
 * connection to the engine, so all of them together need a limit; they need no permit of a run, which may take a minute.
 *
 * <p>Files that are read and written go at their clients' pace. So they have permits of their own: slow ones keep nobody
 * from asking or prolonging a session. Of either kind four times MAX_CONCURRENT_EXECUTIONS in this process; what is over it
 * waits for at most EXECUTION_QUEUE_TIMEOUT_SEC.
 */
@SingleInstance
class CallPermits {
    private static final int PER_EXECUTION = 4;

    private final Semaphore calls;
    private final Semaphore transfers;
    private final Duration timeout;

    @Inject
    CallPermits(RunConfig config) {
        this(PER_EXECUTION * config.maxConcurrent(), config.queueTimeout());
    }

    CallPermits(int each, Duration timeout) {
        this.calls = new Semaphore(each, true);
        this.transfers = new Semaphore(each, true);
        this.timeout = timeout;
    }

    /** Closing it twice gives it back once. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws ServiceException CONCURRENCY_LIMIT */
    Permit call() {
        return acquire(calls, "Too many sessions are being asked. Retry after the Retry-After delay.");
    }

    /** @throws ServiceException CONCURRENCY_LIMIT */
    Permit transfer() {
        return acquire(transfers, "Too many files of sessions are being sent. Retry after the Retry-After delay.");
    }

    private Permit acquire(Semaphore permits, String refusal) {
        try {
            if (!permits.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new ServiceException(ErrorCode.CONCURRENCY_LIMIT, refusal);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException(ErrorCode.CONCURRENCY_LIMIT, refusal, e);
        }
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                permits.release();
            }
        };
    }
}
