package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.runner.Libraries;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import java.time.Duration;
import java.util.Optional;

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

    /**
     * How little this one suits a program, as a rank. One with libraries suits a program that needs them, and costs another
     * one some milliseconds, and the pool an import. Where there is none, that program waits for the rest of an import that is
     * nearly over; one that has more to do is left to the programs that come next. Else one that was never to have libraries is
     * taken before one that soon will have them, or there would never be any.
     *
     * @param wholeImport how long one takes
     */
    int costFor(boolean libraries, Duration wholeImport) {
        Libraries.State state = liveness.libraries().state();
        if (state == Libraries.State.IMPORTING) {
            return libraries && liveness.isNearlyOver(wholeImport) ? 1 : 4;
        }
        if (state == Libraries.State.READY) {
            return libraries ? 0 : 2;
        }
        if (kind == Kind.WITH_LIBRARIES) {
            return libraries ? 3 : 1;
        }
        return libraries ? 2 : 0;
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
