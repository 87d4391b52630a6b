package dev.codeinterpreter.execution;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.Sandbox;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One program in one launched sandbox.
 *
 * <p>Theory of operation: two threads share the channel. A feeder of our own writes: the files, the program, the word to
 * run, the program's input. The caller's thread reads until DONE. Neither waits for the other, so a program may print
 * before it reads, and a sandbox that fails while it is being fed is noticed at once. One deadline covers whichever phase
 * the run is in; when it passes the sandbox is closed, and the blocked read tells.
 */
final class ProgramRun {
    /** Until the program starts: the handshake, preloading, and 200 MB of files through a busy engine. */
    private static final Duration PREPARATION = Duration.ofSeconds(60);

    /** Beyond the program's own time: the runner ends it, and needs at most 2 s to clear away what it left. */
    private static final Duration GRACE = Duration.ofSeconds(4);

    /** For all files of the run. */
    private static final Duration COLLECTION = Duration.ofSeconds(60);

    private final Sandbox sandbox;
    private final RunnerConfig config;
    private final FileStore store;
    private final Deadlines deadlines;
    private final Cancellation cancellation;

    ProgramRun(Sandbox sandbox, RunnerConfig config, FileStore store, Deadlines deadlines, Cancellation cancellation) {
        this.sandbox = sandbox;
        this.config = config;
        this.store = store;
        this.deadlines = deadlines;
        this.cancellation = cancellation;
    }

    /** @throws ServiceException when there is no result, because the sandbox failed; the program is not to be run again */
    ExecutionResult run(ExecutionRequest request, StagedFiles files, OutputSink output) {
        AtomicReference<@Nullable Exception> feedersFailure = new AtomicReference<>();
        try (Deadlines.Deadline deadline = deadlines.start(PREPARATION, sandbox::close)) {
            try {
                RunnerChannel channel = RunnerChannel.open(sandbox.channel(), config);
                Thread.ofVirtual().name("feeder-" + sandbox.id()).start(() -> {
                    try {
                        feed(channel, request, files, deadline);
                    } catch (IOException | RuntimeException e) {
                        feedersFailure.set(e);
                        sandbox.channel().close();
                    }
                });
                return read(channel, output, deadline);
            } catch (IOException e) {
                Exception cause = feedersFailure.get();
                if (cause != null) {
                    e.addSuppressed(cause);
                }
                throw lost(e, deadline.hasPassed());
            }
        }
    }

    private void feed(RunnerChannel channel, ExecutionRequest request, StagedFiles files, Deadlines.Deadline deadline)
            throws IOException {
        for (StagedFile staged : files) {
            channel.stage(staged.path().value(), staged.content().size(), staged.content().stream());
        }
        try (InputStream code = request.code().open()) {
            channel.stage("__main__.py", request.code().utf8Length(), code);
        }
        deadline.restart(request.timeout().plus(GRACE));
        channel.run(request.timeout(), request.lastLineInteractive());
        try (InputStream stdin =
                request.stdin().isPresent() ? request.stdin().get().open() : InputStream.nullInputStream()) {
            channel.stdin(stdin);
        }
    }

    private ExecutionResult read(RunnerChannel channel, OutputSink output, Deadlines.Deadline deadline)
            throws IOException {
        ProgramExit exit = null;
        try (OutputFiles outputFiles = new OutputFiles(store)) {
            while (true) {
                switch (channel.next()) {
                    case Frame.Started started -> output.started();
                    case Frame.Stdout stdout -> output.stdout(stdout.bytes());
                    case Frame.Stderr stderr -> output.stderr(stderr.bytes());
                    case Frame.Exit ended -> {
                        exit = ended.exit();
                        deadline.restart(COLLECTION);
                    }
                    case Frame.FileStart file -> outputFiles.start(file);
                    case Frame.Data data -> outputFiles.append(data);
                    case Frame.Skipped skipped -> outputFiles.skip(skipped);
                    case Frame.Problem problem -> throw failure(problem);
                    case Frame.Ready ready -> throw new IllegalStateException("READY in the middle of a run");
                    case Frame.Done done -> {
                        if (exit == null) {
                            throw new IllegalStateException("DONE without EXIT");
                        }
                        outputFiles.keep();
                        return new ExecutionResult(exit, outputFiles.files(), outputFiles.skipped());
                    }
                }
            }
        }
    }

    private ServiceException failure(Frame.Problem problem) {
        if (problem.reason().equals("no_space")) {
            return new ServiceException(
                    ErrorCode.TOO_LARGE,
                    "The staged files do not fit into the workspace of %d MB."
                            .formatted(config.outputTotalBytes() >> 20));
        }
        return ServiceException.capacity(
                "sandbox unusable",
                "a sandbox could not run the program.",
                new IOException("%s is of no use: %s".formatted(sandbox.id(), problem)));
    }

    private RuntimeException lost(IOException cause, boolean late) {
        if (cancellation.isCancelled()) {
            return new ClientGoneException(cause);
        }
        String why = late ? "it did not keep its deadline" : String.valueOf(cause.getMessage());
        String said = sandbox.channel().diagnostics().strip();
        return ServiceException.capacity(
                "sandbox lost",
                "a sandbox ended before its program's result.",
                new IOException("%s is lost: %s %s".formatted(sandbox.id(), why, said), cause));
    }
}
