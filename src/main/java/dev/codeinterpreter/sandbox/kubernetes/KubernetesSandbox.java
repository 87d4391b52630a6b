package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import org.jspecify.annotations.Nullable;

/** One pod, from before its creation to its confirmed removal. */
final class KubernetesSandbox implements Sandbox {
    private final SandboxId id;
    private final PodDeleter removal;
    private final OrphanReaper orphans;
    private volatile @Nullable ExecChannel channel;
    private boolean closed;

    KubernetesSandbox(SandboxId id, PodDeleter removal, OrphanReaper orphans) {
        this.id = id;
        this.removal = removal;
        this.orphans = orphans;
    }

    void connected(ExecChannel opened) {
        channel = opened;
    }

    @Override
    public SandboxId id() {
        return id;
    }

    @Override
    public SandboxChannel channel() {
        SandboxChannel connected = channel;
        if (connected == null) {
            throw new IllegalStateException("not connected: " + id);
        }
        return connected;
    }

    /** Asks for its end and leaves the rest to the background: who waits for a launch should not wait for its failure too. */
    synchronized void abandon() {
        if (closed) {
            return;
        }
        closed = true;
        cut();
        try {
            removal.request(id.value());
        } catch (BackendException e) {
            System.getLogger(KubernetesSandbox.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot delete " + id + " now", e);
        }
        orphans.add(id);
    }

    @Override
    public void close() {
        // Outside of the lock: a thread blocked on it is let go even while another thread waits for the removal.
        cut();
        remove();
    }

    private synchronized void remove() {
        if (closed) {
            return;
        }
        closed = true;
        if (!removal.awaitGone(id.value())) {
            orphans.add(id);
        }
    }

    private void cut() {
        SandboxChannel connected = channel;
        if (connected != null) {
            connected.close();
        }
    }
}
