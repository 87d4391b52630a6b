package dev.codeinterpreter.runner;

import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.SessionGuard;
import java.util.Map;

/** What a runner is configured with in tests that have no runner. */
public final class RunnerConfigs {
    /** With bounds that no such test comes near to, and nothing to be shown. */
    public static final RunnerConfig PLAIN = new RunnerConfig(
            Map.of(),
            new ProgramConfinement(ProgramSockets.LOOPBACK, Map.of(), SessionGuard.UID),
            1000,
            5,
            1000,
            10,
            1000,
            1000,
            NotebookFeatures.NONE,
            false);

    private RunnerConfigs() {}
}
