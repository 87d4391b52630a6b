package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.pool.WarmPool;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunListener;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * At most MAX_SESSIONS sessions on the engine, or in the namespace, whichever process of ours launched them.
 *
 * <p>Theory of operation: the engine is asked before each launch, so a session that has ended frees its place at once, and
 * no count can drift. What other launches of this process have in hand is counted besides: those that were entered
 * earlier, as they were before the engine was asked, so that one which ends meanwhile is in either of the two. Two at once
 * never take the last place both, and one of them does. Other processes' launches are seen when their containers run: N
 * replicas may exceed the limit by the launches that the other N - 1 have in hand, at most (N - 1) *
 * MAX_CONCURRENT_EXECUTIONS. A session that waits in the pool of this process is not counted; in the pool of another one it
 * is, for the engine knows no difference.
 */
@SingleInstance
public class SessionLimit {
    private final int max;
    private final SandboxBackend backend;
    private final RunListener listener;
    /** What looks like a session to the engine and is none: not yet, or no more. */
    private final Supplier<Set<SandboxId>> future;
    /** In the order of their entry; guarded by this. */
    private final Set<Launch> launching = new LinkedHashSet<>();

    private volatile int lastCount;

    @Inject
    SessionLimit(SessionConfig config, BackendSelection selection, RunListener listener, WarmPool pool) {
        this(config.maxSessions(), selection.backend(), listener, pool::futureSessions);
    }

    SessionLimit(int max, SandboxBackend backend, RunListener listener, Supplier<Set<SandboxId>> future) {
        this.max = max;
        this.future = future;
        this.backend = backend;
        this.listener = listener;
    }

    /** A launch in hand; to be closed when the session runs, or will not. */
    final class Launch implements AutoCloseable {
        private final String tenantLabel;
        private volatile SandboxId id;

        private Launch(SandboxId id, String tenantLabel) {
            this.id = id;
            this.tenantLabel = tenantLabel;
        }

        /** It is a sandbox that has waited in the pool, with an id of its own. */
        void becomes(SandboxId pooled) {
            id = pooled;
        }

        @Override
        public void close() {
            remove(this);
        }
    }

    /**
     * Counts the session that is about to be launched.
     *
     * @throws ServiceException CONCURRENCY_LIMIT when there are as many as may be, CAPACITY_UNAVAILABLE when the engine does not
     *     tell; it is not counted then
     */
    Launch acquire(SandboxId id) {
        return acquire(id, Caller.current());
    }

    Launch acquire(SandboxId id, Caller caller) {
        Launch launch = new Launch(id, SandboxLabels.tenant(caller.tenant()));
        Set<Launch> earlier = add(launch);
        try {
            List<SandboxSummary> sandboxes = backend.list();
            Set<SandboxId> sessions = observe(sandboxes);
            Set<SandboxId> own = sandboxes.stream()
                    .filter(sandbox -> sandbox.tenantLabel().equals(launch.tenantLabel))
                    .map(SandboxSummary::id)
                    .filter(sessions::contains)
                    .collect(Collectors.toSet());
            for (Launch other : earlier) {
                sessions.add(other.id);
                if (other.tenantLabel.equals(launch.tenantLabel)) {
                    own.add(other.id);
                }
            }
            int ownMax = caller.limits().maxSessions().orElse(Integer.MAX_VALUE);
            if (own.size() >= ownMax) {
                throw refusal("The tenant's maximum of %d sessions (max_sessions)".formatted(ownMax));
            }
            if (sessions.size() >= max) {
                throw refusal("The maximum of %d sessions (MAX_SESSIONS)".formatted(max));
            }
            return launch;
        } catch (RuntimeException e) {
            launch.close();
            throw e;
        }
    }

    private ServiceException refusal(String limit) {
        ServiceException refusal = ServiceException.rejected(
                Rejection.SESSION_LIMIT, limit + " is reached. End one, or retry after the Retry-After delay.", null);
        listener.rejected(Operation.SESSION_CREATE, refusal);
        return refusal;
    }

    /** Sessions that may be there at once. */
    public int max() {
        return max;
    }

    /** Sessions that there were when the engine was last asked: at a creation, and every 30 s. */
    public int lastCount() {
        return lastCount;
    }

    /** Takes note of what the engine has; gives the sessions among it. */
    Set<SandboxId> observe(List<SandboxSummary> sandboxes) {
        Set<SandboxId> sessions = sandboxes.stream()
                .map(SandboxSummary::id)
                .filter(SandboxId::isSession)
                .collect(Collectors.toSet());
        sessions.removeAll(future.get());
        lastCount = sessions.size();
        return sessions;
    }

    private synchronized Set<Launch> add(Launch launch) {
        Set<Launch> earlier = new HashSet<>(launching);
        launching.add(launch);
        return earlier;
    }

    private synchronized void remove(Launch launch) {
        launching.remove(launch);
    }
}
