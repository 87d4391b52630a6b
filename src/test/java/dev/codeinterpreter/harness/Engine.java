package dev.codeinterpreter.harness;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The sandboxes of one service, as the engine sees them that has them. */
public interface Engine {

    /** Those of the services that carry this label's value; the engine is the one that the tests run against. */
    static Engine of(String run) {
        return switch (Backend.current()) {
            case DOCKER -> new DockerEngine(run);
            case KUBERNETES -> new KubernetesEngine(run);
        };
    }

    /** Whether the file systems of its sandboxes have the size that they should have. */
    default boolean boundsDisks() {
        return true;
    }

    /** Ids of the sandboxes that exist, running or not. */
    List<String> sandboxes();

    /** Of {@link #sandboxes} those in which a process may still run. */
    default List<String> alive() {
        return sandboxes();
    }

    /** In how many of them something was started, as near as the engine tells. */
    int running();

    /** Beyond what a test gives this engine: each has a pace of its own. */
    default Duration pace() {
        return Duration.ZERO;
    }

    /** Returns when no sandbox is left. */
    default void awaitNone(Duration bound) {
        Await.until(
                "an engine without sandboxes of ours",
                bound.plus(pace()),
                () -> sandboxes().isEmpty());
    }

    /** Returns when nothing runs in any; the engine may still know of them when nobody is there to take them away. */
    default void awaitNoneAlive(Duration bound) {
        Await.until("an engine where nothing of ours runs", bound.plus(pace()), () -> alive().isEmpty());
    }

    /** The name of the one sandbox that exists, as soon as it runs. */
    String awaitRunning(Duration bound);

    /**
     * What the engine says about the settings of a sandbox, as a text that is the same for every sandbox of its kind: for
     * {@link Golden}.
     */
    String settings(String sandbox);

    /** Whatever would let a program out of a sandbox or up to more than its share; empty when it is locked. */
    List<String> openLocks(String sandbox);

    /** Ends a sandbox behind the service's back. */
    void kill(String sandbox);

    /**
     * Runs a container that is not the service's, though it may look like one. Its command ignores signals and input, so that
     * only the engine can end it.
     *
     * @param labels beside the one by which it counts as this run's
     */
    void runForeign(String name, Map<String, String> labels);

    /** By id or name. */
    boolean isRunning(String container);

    /** How often something was run in a container of {@link #runForeign} beside its own process. */
    long execs(String container);

    void remove(String container);

    /** How many sandboxes were ever created, as far back as the engine remembers. */
    long launches();
}
