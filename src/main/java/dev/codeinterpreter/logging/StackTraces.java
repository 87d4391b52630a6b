package dev.codeinterpreter.logging;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Writes exceptions as Java does, with every text in them passed through a filter before it is put on a line. */
final class StackTraces {
    /** Of causes and suppressed exceptions; a chain of thousands would use up the thread's stack. */
    private static final int MAX_DEPTH = 50;

    private final UnaryOperator<String> filter;
    private final StringBuilder text = new StringBuilder();
    private final Set<Throwable> written = Collections.newSetFromMap(new IdentityHashMap<>());

    private StackTraces(UnaryOperator<String> filter) {
        this.filter = filter;
    }

    /** All lines but the first begin with a tab; each ends with a line feed. */
    static String of(Throwable thrown, UnaryOperator<String> filter) {
        StackTraces traces = new StackTraces(filter);
        traces.write("", thrown, 0);
        return traces.text.toString();
    }

    private void write(String caption, Throwable thrown, int depth) {
        text.append(caption).append(filter.apply(describe(thrown))).append('\n');
        if (!written.add(thrown) || depth == MAX_DEPTH) {
            return;
        }
        for (StackTraceElement frame : thrown.getStackTrace()) {
            text.append("\tat ").append(filter.apply(frame.toString())).append('\n');
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            write("\tSuppressed: ", suppressed, depth + 1);
        }
        Throwable cause = thrown.getCause();
        if (cause != null) {
            write("\tCaused by: ", cause, depth + 1);
        }
    }

    private static String describe(Throwable thrown) {
        try {
            return String.valueOf(thrown.toString());
        } catch (RuntimeException e) {
            return thrown.getClass().getName();
        }
    }
}
