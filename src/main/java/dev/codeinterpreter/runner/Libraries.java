package dev.codeinterpreter.runner;

import java.util.List;

/**
 * The libraries that a runner imports before its program is known.
 *
 * @param missing modules that could not be imported
 * @param memoryBytes that the program holds with all of them before it begins; 0 unless they are ready
 */
public record Libraries(State state, List<String> missing, long memoryBytes) {
    /** Nobody has asked for any. */
    public static final Libraries NONE = new Libraries(State.NONE, List.of(), 0);

    /** How far they are. */
    public enum State {
        NONE,
        IMPORTING,
        READY,
        /** The import has crashed or took too long; the program begins without them. */
        FAILED
    }

    public Libraries {
        missing = List.copyOf(missing);
    }

    public boolean areReady() {
        return state == State.READY;
    }
}
