package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.PeriodicTask;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers whose removal the engine has not confirmed, because it was down or hung: tried again until it does. Nothing
 * in them runs, since their channel is cut; this is about the names and the disk that they hold.
 */
final class Leftovers implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final EngineClient engine;
    private final Set<SandboxId> ids = ConcurrentHashMap.newKeySet();
    private final PeriodicTask sweeper;

    Leftovers(EngineClient engine) {
        this.engine = engine;
        this.sweeper = PeriodicTask.every(PERIOD, "docker-leftovers", this::sweep);
    }

    void add(SandboxId id) {
        LOG.log(System.Logger.Level.WARNING, "removal of {0} is not confirmed, trying again in the background", id);
        ids.add(id);
    }

    @Override
    public void close() {
        sweeper.close();
    }

    private void sweep() {
        ids.removeIf(this::isGone);
    }

    private boolean isGone(SandboxId id) {
        try {
            engine.delete("/containers/%s?force=true&v=true".formatted(id), PATIENCE);
            return true;
        } catch (EngineException e) {
            return e.isNotFound();
        }
    }
}
