package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One container, from before its creation to its confirmed removal. */
final class DockerSandbox implements Sandbox {
    private final SandboxId id;
    private final EngineClient engine;
    private final OrphanReaper orphans;
    private volatile @Nullable AttachedChannel channel;
    private boolean closed;

    DockerSandbox(SandboxId id, EngineClient engine, OrphanReaper orphans) {
        this.id = id;
        this.engine = engine;
        this.orphans = orphans;
    }

    /** Before the start, so that no byte is missed. */
    void attach(Duration timeout) throws BackendException {
        channel = AttachedChannel.open(
                engine, "/containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1".formatted(id), null, timeout);
    }

    @Override
    public SandboxId id() {
        return id;
    }

    @Override
    public SandboxChannel channel() {
        SandboxChannel attached = channel;
        if (attached == null) {
            throw new IllegalStateException("not attached: " + id);
        }
        return attached;
    }

    /** Leaves the removal to the background, without waiting for anything. */
    synchronized void abandon() {
        closed = true;
        SandboxChannel attached = channel;
        if (attached != null) {
            attached.close();
        }
        orphans.add(id);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        SandboxChannel attached = channel;
        if (attached != null) {
            attached.close();
        }
        if (!(attached != null && isRemovedWithin(engine.timings().exit())) && !isRemovedByForce()) {
            orphans.add(id);
        }
    }

    /** Waits for at most {@code timeout} and returns whether the container is gone. */
    boolean isRemovedWithin(Duration timeout) {
        try {
            engine.post("/containers/%s/wait?condition=removed".formatted(id), null, timeout);
            return true;
        } catch (BackendException e) {
            return e.isNotFound();
        }
    }

    private boolean isRemovedByForce() {
        try {
            engine.delete(
                    "/containers/%s?force=true&v=true".formatted(id),
                    engine.timings().removal());
            return true;
        } catch (BackendException e) {
            return e.isNotFound()
                    || (e.isConflict() && isRemovedWithin(engine.timings().removal()));
        }
    }
}
