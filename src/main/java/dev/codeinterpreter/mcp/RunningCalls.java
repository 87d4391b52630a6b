package dev.codeinterpreter.mcp;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls in progress of clients that opened with {@code initialize}: one of their notifications may end one. As many as there
 * are requests in progress, and only of those that name the session that {@code initialize} gave; another process of ours
 * knows none of them, and ignores the notification.
 */
@SingleInstance
class RunningCalls {
    private final Map<Key, Cancellation> calls = new ConcurrentHashMap<>();

    @Inject
    RunningCalls() {}

    /**
     * Ids of requests are unique within a session only.
     *
     * @param session value of Mcp-Session-Id
     * @param request its id as JSON
     */
    record Key(Caller caller, String session, String request) {}

    /** Ends the entry, not the call. */
    interface Entry extends AutoCloseable {
        @Override
        void close();
    }

    /** Of two with one key, which a client must not have, the later one can be cancelled. */
    Entry add(Key key, Cancellation cancellation) {
        calls.put(key, cancellation);
        return () -> calls.remove(key, cancellation);
    }

    /** Without effect when there is no such call. */
    void cancel(Key key) {
        Cancellation call = calls.remove(key);
        if (call != null) {
            call.cancel();
        }
    }
}
