package dev.codeinterpreter.run;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.ProblemReason;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.trace.Phases;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/**
 * One command over one channel to a runner.
 *
 * <p>Theory of operation: two threads share the channel. A feeder of our own writes: what the command needs, the word to
 * start, its input. The caller's thread reads until DONE. Neither waits for the other, so a program may print before it
 * reads, and a sandbox that fails while it is being fed is noticed at once. One deadline covers whichever phase the
 * command is in; when it passes the link is cut, and the blocked read tells.
 */
final class ProgramRun {
    private static final Set<ProblemReason> EXPECTED =
            EnumSet.of(ProblemReason.NO_SPACE, ProblemReason.BUSY, ProblemReason.EXHAUSTED);

    private final Link link;
    private final OwnerLimit owner;
    private final FileStore store;
    private final SpoolDirectory spool;
    private final Deadlines deadlines;
    private final Cancellation cancellation;
    private final RunTimings timings;

    /**
     * @param name of the sandbox, for the log
     * @param cut what ends the command, and makes a blocked read of the channel fail
     */
    record Link(String name, SandboxChannel channel, Runnable cut) {}

    ProgramRun(
            Link link,
            OwnerLimit owner,
            FileStore store,
            SpoolDirectory spool,
            Deadlines deadlines,
            Cancellation cancellation,
            RunTimings timings) {
        this.link = link;
        this.owner = owner;
        this.store = store;
        this.spool = spool;
        this.deadlines = deadlines;
        this.cancellation = cancellation;
        this.timings = timings;
    }

    /** @throws ServiceException when there is no result, because the sandbox failed; the program is not to be run again */
    RunResult run(Command command, OutputSink output) {
        try (Deadlines.Deadline deadline = deadlines.start(timings.preparation(), link.cut())) {
            try {
                RunnerChannel runner = open(command);
                Feeder feeder = Feeder.start(link.name(), link.channel(), () -> {
                    prepare(command, runner);
                    deadline.restart(command.timeout().plus(timings.grace()));
                    command.start(runner);
                });
                try {
                    return read(runner, output, deadline);
                } catch (IOException e) {
                    throw feeder.explain(e);
                }
            } catch (RunnerProblemException e) {
                throw e.reason().failure(EXPECTED, new IOException("%s is of no use".formatted(link.name()), e));
            } catch (IOException e) {
                throw lost(e, deadline.hasPassed());
            }
        }
    }

    private RunnerChannel open(Command command) throws IOException {
        try (Span _ = Tracing.begin("sandbox.ready")) {
            return command.open(link.channel());
        }
    }

    private static void prepare(Command command, RunnerChannel runner) throws IOException {
        try (Span _ = Tracing.begin("workspace.stage")) {
            command.prepare(runner);
        }
    }

    private RunResult read(RunnerChannel channel, OutputSink output, Deadlines.Deadline deadline) throws IOException {
        ProgramExit exit = null;
        try (Phases phases = Tracing.phases();
                OutputFiles outputFiles = new OutputFiles(store, owner, new StoreWaits(deadline, timings));
                ShownForms shown = new ShownForms(outputFiles, spool::overflow)) {
            while (true) {
                switch (channel.next()) {
                    case Frame.Started started -> {
                        phases.enter("program.run");
                        output.started();
                    }
                    case Frame.Stdout stdout -> output.stdout(stdout.bytes());
                    case Frame.Stderr stderr -> output.stderr(stderr.bytes());
                    case Frame.Exit ended -> {
                        exit = ended.exit();
                        exit.describe(phases.current());
                        phases.enter("workspace.collect");
                        deadline.restart(timings.collection());
                    }
                    case Frame.FileStart file -> outputFiles.start(file);
                    case Frame.Show show -> shown.start(show);
                    case Frame.Form form -> shown.start(form);
                    case Frame.ShowEnd end -> shown.end(end).ifPresent(output::show);
                    case Frame.Data data -> {
                        if (shown.isOpen()) {
                            shown.append(data);
                        } else {
                            outputFiles.append(data);
                        }
                    }
                    case Frame.Skipped skipped -> outputFiles.skip(skipped);
                    case Frame.Problem problem -> throw new RunnerProblemException(problem);
                    case Frame.Pong pong -> throw new IllegalStateException("PONG in the middle of a run");
                    case Frame.Compiled code -> throw new IllegalStateException("code in the middle of a run");
                    case Frame.Ready ready -> throw new IllegalStateException("READY in the middle of a run");
                    case Frame.Done done -> {
                        if (exit == null) {
                            throw new IllegalStateException("DONE without EXIT");
                        }
                        outputFiles.keep();
                        return new RunResult(
                                exit.truncated(output.isStdoutCut(), output.isStderrCut()),
                                outputFiles.files(),
                                outputFiles.skipped());
                    }
                }
            }
        }
    }

    private RuntimeException lost(IOException cause, boolean late) {
        if (cancellation.isCancelled()) {
            return new ClientGoneException(cause);
        }
        String why = late ? "it did not keep its deadline" : String.valueOf(cause.getMessage());
        String said = link.channel().diagnostics().strip();
        return ServiceException.capacity(
                Rejection.SANDBOX_LOST,
                "a sandbox ended before its program's result.",
                new IOException("%s is lost: %s %s".formatted(link.name(), why, said), cause));
    }
}
