package dev.codeinterpreter.execution;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A bounded number of places, given first come first served, each wait bounded too. */
@ApplicationScoped
public class Admission {
    private final Semaphore places;
    private final Duration patience;

    @Inject
    Admission(Settings settings) {
        this(
                ExecutionConfig.from(settings).maxConcurrent(),
                ExecutionConfig.from(settings).queueTimeout());
    }

    Admission(int places, Duration patience) {
        this.places = new Semaphore(places, true);
        this.patience = patience;
    }

    /** One place; closing it twice gives it back once. */
    public interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws ServiceException SATURATED when no place became free in time */
    public Place enter() {
        try {
            if (!places.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw saturated(null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw saturated(e);
        }
        AtomicBoolean taken = new AtomicBoolean(true);
        return () -> {
            if (taken.compareAndSet(true, false)) {
                places.release();
            }
        };
    }

    private static ServiceException saturated(@org.jspecify.annotations.Nullable Throwable cause) {
        return new ServiceException(
                ErrorCode.SATURATED,
                "Execution capacity on this replica is saturated. Retry after the Retry-After delay.",
                cause);
    }
}
