package dev.codeinterpreter.pool;

import dev.codeinterpreter.runner.Libraries;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Whether the runner of an idle sandbox still answers, and how far its import of libraries is. A channel is for one thread
 * at a time: a second caller waits for the first, and takes an answer that was just given for its own.
 *
 * <p>INVARIANT: {@code this} guards everything, {@code libraries} for writing; once it is claimed nobody asks any more, the
 * channel is the claimant's.
 */
final class Liveness {
    private static final System.Logger LOG = System.getLogger(Liveness.class.getName());

    /**
     * One part in so many is left of an import that is nearly over. With two of them a steady demand, 3 programs a second on
     * two processors, took every import when it was half done, and none was ever ready: 299 ms at the median, 54 with six.
     */
    private static final int PARTS = 6;

    private final SandboxId id;
    private final RunnerChannel runner;
    private final Runnable cut;
    private final PoolTimings timings;
    private boolean claimed;
    private boolean alive = true;
    private long lastPong;
    private volatile long importBegan;
    private volatile List<String> modules = List.of();
    private volatile Libraries libraries = Libraries.NONE;

    /** @param cut what makes a blocked question fail */
    Liveness(SandboxId id, RunnerChannel runner, Runnable cut, PoolTimings timings) {
        this.id = id;
        this.runner = runner;
        this.cut = cut;
        this.timings = timings;
        this.lastPong = System.nanoTime() - timings.aliveBypass().toNanos();
    }

    /** Asks, unless somebody has claimed it meanwhile. */
    synchronized boolean check(Deadlines deadlines) {
        if (!claimed
                && alive
                && System.nanoTime() - lastPong >= timings.aliveBypass().toNanos()) {
            alive = isAnswering(deadlines);
            lastPong = System.nanoTime();
        }
        return alive;
    }

    /** Asks for the last time. */
    synchronized boolean claim(Deadlines deadlines) {
        boolean result = check(deadlines);
        claimed = true;
        return result;
    }

    /**
     * Has the runner begin to import, unless somebody has claimed it meanwhile.
     *
     * @param timeout after which the runner gives the import up
     * @return whether it was asked
     */
    synchronized boolean preload(List<String> wanted, Duration timeout, Deadlines deadlines) {
        if (claimed || !alive) {
            return false;
        }
        try (Deadlines.Deadline deadline = deadlines.start(timings.ping(), cut)) {
            runner.preload(wanted, timeout);
            deadline.finish();
            modules = wanted;
            importBegan = System.nanoTime();
            libraries = new Libraries(Libraries.State.IMPORTING, List.of(), 0);
            return true;
        } catch (IOException e) {
            alive = false;
            return false;
        }
    }

    /** Whether it has died unclaimed. */
    synchronized boolean isDead() {
        return !claimed && !alive;
    }

    /**
     * Asks how far the import is.
     *
     * @return whether it goes on, in a sandbox that nobody has claimed
     */
    synchronized boolean isImporting(Deadlines deadlines) {
        if (!claimed && alive) {
            // Not as an answer for a claimant, who asks again.
            alive = isAnswering(deadlines);
        }
        return !claimed && alive && libraries.state() == Libraries.State.IMPORTING;
    }

    /** What it imports or has imported. */
    List<String> modules() {
        return modules;
    }

    /** As the runner said when it was last asked. */
    Libraries libraries() {
        return libraries;
    }

    /** Whether little is left of an import that takes so long in all, as far as is known. */
    boolean isNearlyOver(Duration wholeImport) {
        return libraries.state() == Libraries.State.IMPORTING
                && PARTS * (System.nanoTime() - importBegan) >= (PARTS - 1) * wholeImport.toNanos();
    }

    private boolean isAnswering(Deadlines deadlines) {
        try (Deadlines.Deadline deadline = deadlines.start(timings.ping(), cut)) {
            libraries = runner.ping();
            deadline.finish();
            return true;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "idle sandbox {0} does not answer: {1}", id, e.toString());
            return false;
        }
    }
}
