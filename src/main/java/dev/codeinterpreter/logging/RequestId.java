package dev.codeinterpreter.logging;

import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.trace.Tracing;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Names the request that a thread works for, in each line that it logs. A thread that is started for a request gets the
 * name, and the request's span, with {@link #carry}. Neither is inherited: some threads are started while a request is
 * served and outlive it.
 */
public final class RequestId {
    /** The header of requests and answers. */
    public static final String HEADER = "X-Request-Id";

    /** Nothing in it ends a line, a field of a line or a string of JSON. */
    private static final Pattern SOUND = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    /** 96 bits: among 10^9 ids two are the same with a probability of 10^-11. */
    private static final int RANDOM_BYTES = 12;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ThreadLocal<@Nullable String> CURRENT = new ThreadLocal<>();

    private RequestId() {}

    /** What the thread works for; null when it is no request. */
    public static @Nullable String current() {
        return CURRENT.get();
    }

    /**
     * The thread works for a request from now on.
     *
     * @param sent by the client, whatever it may be; an id of our own is made when it is null or not of 1 to 128 characters
     *     of {@code A-Za-z0-9._-}
     */
    public static void begin(@Nullable String sent) {
        CURRENT.set(sent != null && SOUND.matcher(sent).matches() ? sent : random());
    }

    /** The thread works for no request any more. */
    public static void end() {
        CURRENT.remove();
    }

    /** Does {@code task} for the request and the caller that the calling thread works for, on whichever thread runs it. */
    public static Runnable carry(Runnable task) {
        String id = current();
        Runnable carried = Tracing.carry(Caller.carry(task));
        return id == null ? carried : () -> run(id, carried);
    }

    /** As {@link #carry} does, for what has a result. */
    public static <T> Callable<T> carryCall(Callable<T> task) {
        String id = current();
        Callable<T> carried = Tracing.carryCall(Caller.carryCall(task));
        return id == null ? carried : () -> call(id, carried);
    }

    private static void run(String id, Runnable task) {
        String before = current();
        CURRENT.set(id);
        try {
            task.run();
        } finally {
            restore(before);
        }
    }

    private static <T> T call(String id, Callable<T> task) throws Exception {
        String before = current();
        CURRENT.set(id);
        try {
            return task.call();
        } finally {
            restore(before);
        }
    }

    private static void restore(@Nullable String before) {
        if (before == null) {
            end();
        } else {
            CURRENT.set(before);
        }
    }

    private static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
