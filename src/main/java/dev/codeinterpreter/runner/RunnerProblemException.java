package dev.codeinterpreter.runner;

import java.io.IOException;

/** The runner says that it cannot do what it was asked. */
public final class RunnerProblemException extends IOException {
    private final ProblemReason reason;

    public RunnerProblemException(Frame.Problem problem) {
        super("%s: %s".formatted(problem.reason(), problem.message()));
        this.reason = ProblemReason.of(problem.reason());
    }

    public ProblemReason reason() {
        return reason;
    }
}
