package dev.codeinterpreter.trace;

import java.util.concurrent.Callable;

/**
 * The span that a thread works for. A thread that is started for a request gets it with {@link #carry}, which {@link
 * dev.codeinterpreter.logging.RequestId#carry} includes. It is static, as the request's id is: what is deep in a backend
 * needs no tracer handed down to it.
 */
public final class Tracing {
    private static final ThreadLocal<Span> CURRENT = ThreadLocal.withInitial(() -> Span.NONE);

    private Tracing() {}

    /** {@link Span#NONE} on a thread that works for no traced request. */
    public static Span current() {
        return CURRENT.get();
    }

    /**
     * Begins a part of the current span and makes it the current one of this thread, until this thread closes it; the spans
     * of a thread are closed in the opposite order of their beginning.
     */
    public static Span begin(String name) {
        Span parent = current();
        return isTraced(parent) ? enter(parent.child(name)) : parent;
    }

    /** Makes {@code span} the current one of this thread until this thread closes what is returned, which ends it. */
    public static Span enter(Span span) {
        return isTraced(span) ? new CurrentSpan(span, CURRENT) : span;
    }

    /** Of work whose parts follow each other. */
    public static Phases phases() {
        return new Phases();
    }

    /** Does {@code task} under the span that is current now, on whichever thread runs it. */
    public static Runnable carry(Runnable task) {
        Span span = current();
        return isTraced(span) ? () -> run(span, task) : task;
    }

    /** As {@link #carry} does, for what has a result. */
    public static <T> Callable<T> carryCall(Callable<T> task) {
        Span span = current();
        return isTraced(span) ? () -> call(span, task) : task;
    }

    private static boolean isTraced(Span span) {
        return span.traceId() != null;
    }

    private static void run(Span span, Runnable task) {
        Span before = current();
        CURRENT.set(span);
        try {
            task.run();
        } finally {
            CURRENT.set(before);
        }
    }

    private static <T> T call(Span span, Callable<T> task) throws Exception {
        Span before = current();
        CURRENT.set(span);
        try {
            return task.call();
        } finally {
            CURRENT.set(before);
        }
    }
}
