package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.ProgramExit;
import java.time.Duration;

/** Hears of everything that takes a permit; for metrics. Called on the request's thread, so it must be quick. */
public interface RunListener {

    /** Hears nothing. */
    RunListener NONE = new RunListener() {};

    /** It has a permit now; {@link #completed} follows in any case. */
    default void admitted(Operation operation, Duration waited) {}

    /** It was turned away for lack of capacity, ours (before it was admitted) or the engine's (after that). */
    default void rejected(Operation operation, ServiceException why) {}

    /** Its client went away before it had a permit: it was never admitted, and is over. */
    default void left(Operation operation) {}

    /** Bytes of stored files have gone into a sandbox. */
    default void staged(long bytes) {}

    /** A file of a sandbox was stored. */
    default void stored() {}

    /** Bytes of files have come out of a sandbox into the store. */
    default void returned(long bytes) {}

    /** Its program has ended; {@link #completed} follows. */
    default void terminated(Operation operation, ProgramExit exit) {}

    /** It is over; {@code took} is from the admission to the answer. */
    default void completed(Operation operation, Outcome outcome, Duration took) {}
}
