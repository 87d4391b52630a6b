package dev.codeinterpreter.harness;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what gives no event of its own: looks often, and not for ever. */
public final class Await {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /** Returns when {@code condition} holds; {@code what} completes the sentence "never saw ...". */
    public static void until(String what, Duration bound, BooleanSupplier condition) {
        Object _ = value(what, bound, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /** The first value that {@code probe} gives. */
    public static <T> T value(String what, Duration bound, Supplier<Optional<T>> probe) {
        long deadline = System.nanoTime() + bound.toNanos();
        while (true) {
            Optional<T> value = probe.get();
            if (value.isPresent()) {
                return value.get();
            }
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("never saw %s within %d ms".formatted(what, bound.toMillis()));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
