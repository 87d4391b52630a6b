package dev.codeinterpreter.pool;

import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.runner.Libraries;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;

/**
 * One whose runner has said READY.
 *
 * @param revision what it was launched from, see {@link dev.codeinterpreter.sandbox.SandboxBackend#revision}
 * @param retireAt the moment by {@link System#nanoTime} from which on it is too old
 */
record WarmSandbox(Kind kind, Sandbox sandbox, RunnerChannel runner, String revision, long retireAt, Liveness liveness)
        implements ClaimedSandbox {
    WarmSandbox(Kind kind, Sandbox sandbox, RunnerChannel runner, String revision, long retireAt, PoolTimings timings) {
        this(
                kind,
                sandbox,
                runner,
                revision,
                retireAt,
                new Liveness(sandbox.id(), runner, sandbox.channel()::close, timings));
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
     * How little this one suits a program, as a rank. One with libraries suits a program that needs them, and costs another one
     * some milliseconds, and the pool an import. Where there is none, one that was never to have them is taken before one that soon
     * will have them, or there would never be any.
     */
    int costFor(boolean libraries) {
        Libraries.State state = liveness.libraries().state();
        if (state == Libraries.State.IMPORTING) {
            return 3;
        }
        if (state == Libraries.State.READY) {
            return libraries ? 0 : 2;
        }
        if (kind == Kind.WITH_LIBRARIES) {
            return libraries ? 2 : 1;
        }
        return libraries ? 1 : 0;
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
