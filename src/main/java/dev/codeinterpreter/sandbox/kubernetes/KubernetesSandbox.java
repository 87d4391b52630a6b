package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import org.jspecify.annotations.Nullable;

/** One pod, from before its creation to its confirmed removal. */
final class KubernetesSandbox implements Sandbox {
    private final SandboxId id;
    private final PodDeleter removal;
    private volatile @Nullable ExecChannel channel;
    private boolean closed;

    KubernetesSandbox(SandboxId id, PodDeleter removal) {
        this.id = id;
        this.removal = removal;
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
        removal.abandon(id);
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
        removal.remove(id);
    }

    private void cut() {
        SandboxChannel connected = channel;
        if (connected != null) {
            connected.close();
        }
    }
}
