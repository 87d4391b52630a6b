package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.runner.Libraries;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;

/**
 * One whose runner has said READY.
 *
 * @param tenant for whom it was launched; empty when it may be anybody's
 * @param revision what it was launched from, see {@link dev.codeinterpreter.sandbox.SandboxBackend#revision}
 * @param retireAt the moment by {@link System#nanoTime} from which on it is too old
 */
record WarmSandbox(
        Kind kind,
        Sandbox sandbox,
        String tenant,
        RunnerChannel runner,
        String revision,
        long retireAt,
        Liveness liveness,
        ConnectionAhead connection)
        implements ClaimedSandbox {
    WarmSandbox(
            Kind kind,
            Sandbox sandbox,
            String tenant,
            RunnerChannel runner,
            String revision,
            long retireAt,
            PoolTimings timings) {
        this(
                kind,
                sandbox,
                tenant,
                runner,
                revision,
                retireAt,
                new Liveness(sandbox.id(), runner, sandbox.channel()::close, timings),
                new ConnectionAhead());
    }

    IdleSandboxes.Place place() {
        return new IdleSandboxes.Place(kind, id());
    }

    @Override
    public SandboxId id() {
        return sandbox.id();
    }

    @Override
    public SandboxChannel channel() {
        return sandbox.channel();
    }

    boolean isOld() {
        return System.nanoTime() - retireAt >= 0;
    }

    boolean isPreloaded() {
        return liveness.libraries().areReady();
    }

    boolean awaitsLibraries() {
        return kind.importsLibraries() && liveness.libraries().state() == Libraries.State.NONE;
    }

    /** Whether it has imported something, and not all that a program may need. */
    boolean isPartial(ImportPlan plan) {
        return isPreloaded() && !imports(plan.all());
    }

    /** Whether a program that names these begins with them. */
    boolean has(Set<String> named) {
        return isPreloaded() && imports(named);
    }

    /** Whether a program that names these joins its import, and waits for the rest, see {@link JoinedSandbox}. */
    boolean canBeJoined(Set<String> named, ImportPlan plan) {
        return !named.isEmpty() && imports(named) && liveness.isNearlyOver(plan.timeOf(liveness.modules()));
    }

    private boolean imports(Collection<String> named) {
        return liveness.modules().containsAll(named);
    }

    /**
     * How little this one suits a program, as a rank. One with its libraries suits a program that needs them, best if it has
     * few others, and costs another one some milliseconds, and the pool an import. Where there is none, that program waits for
     * the rest of an import that is nearly over; one that has more to do is left to the programs that come next. Else one that
     * was never to have libraries is taken before one that soon will have them, or there would never be any.
     *
     * @param named what the program may import
     */
    int costFor(Set<String> named, ImportPlan plan) {
        return named.isEmpty() ? costWithoutLibraries() : costWithLibraries(named, plan);
    }

    private int costWithoutLibraries() {
        return switch (liveness.libraries().state()) {
            case NONE, FAILED -> kind == Kind.WITH_LIBRARIES ? 1 : 0;
            case READY -> 2;
            case IMPORTING -> 3;
        };
    }

    private int costWithLibraries(Set<String> named, ImportPlan plan) {
        return switch (liveness.libraries().state()) {
            case READY -> {
                if (imports(named)) {
                    yield isPartial(plan) ? 0 : 1;
                }
                yield Collections.disjoint(liveness.modules(), named) ? 6 : 3;
            }
            case NONE, FAILED -> kind == Kind.WITH_LIBRARIES ? 5 : 4;
            case IMPORTING -> canBeJoined(named, plan) ? 2 : 7;
        };
    }

    @Override
    public Optional<SandboxChannel> takeConnection() {
        return connection.take();
    }

    @Override
    public void close() {
        connection.close();
        sandbox.close();
    }
}
