package dev.codeinterpreter.schedule;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.logging.RequestId;
import java.util.ArrayList;
import java.util.List;

/** Says, at most once, that nobody waits for the answer any more. */
public final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /** Runs {@code action} when it is cancelled, at once when it already is; for the request of the calling thread. */
    public void onCancel(Runnable action) {
        synchronized (this) {
            if (!cancelled) {
                actions.add(RequestId.carry(action));
                return;
            }
        }
        action.run();
    }

    /** Runs the actions on the caller's thread; the second call does nothing. */
    public void cancel() {
        List<Runnable> due;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            due = List.copyOf(actions);
        }
        due.forEach(Runnable::run);
    }

    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /** @throws ClientGoneException when it has been cancelled: to be asked before something is begun for the client */
    public void throwIfCancelled() {
        if (isCancelled()) {
            throw new ClientGoneException();
        }
    }
}
