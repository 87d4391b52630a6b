package dev.codeinterpreter.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.run.Admission;
import dev.codeinterpreter.run.Command;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ProgramRuns;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfig;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Cancellation;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Runs commands in sessions. */
@SingleInstance
public class SessionService {
    private final RunConfig config;
    private final Launcher launcher;
    private final ProgramRuns runs;
    private final SessionLinks links;
    private final Admission admission;

    @Inject
    SessionService(RunConfig config, Launcher launcher, ProgramRuns runs, SessionLinks links, Admission admission) {
        this.config = config;
        this.launcher = launcher;
        this.runs = runs;
        this.links = links;
        this.admission = admission;
    }

    RunConfig config() {
        return config;
    }

    /** @throws ServiceException INVALID_REQUEST, NOT_FOUND, CONFLICT, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE */
    RunResult bash(String session, String line, Duration timeout, OutputSink output, Cancellation cancellation) {
        return run(
                Operation.SESSION_BASH,
                session,
                new BashCommand(line, timeout, launcher.runnerConfig()),
                output,
                cancellation);
    }

    /** As {@link #bash}; one at a time in a session. The request's files are not looked at. */
    RunResult python(String session, RunRequest request, OutputSink output, Cancellation cancellation) {
        return run(
                Operation.SESSION_PYTHON,
                session,
                new PythonCommand(request, launcher.runnerConfig()),
                output,
                cancellation);
    }

    private RunResult run(
            Operation operation, String session, Command command, OutputSink output, Cancellation cancellation) {
        config.checkTimeout(command.timeout());
        links.checkId(session);
        return admission.admit(operation, cancellation, RunResult::outcome, permit -> {
            try (permit;
                    SandboxChannel channel = connect(session, cancellation)) {
                return runs.run(session, channel, channel::close, command, output, cancellation);
            } catch (ServiceException e) {
                if (e.code() == ErrorCode.CAPACITY_UNAVAILABLE && links.hasEnded(session)) {
                    // It ended under the command: at its time, or because somebody deleted it.
                    throw SessionLinks.notFound(session);
                }
                throw e;
            }
        });
    }

    private SandboxChannel connect(String session, Cancellation cancellation) {
        cancellation.throwIfCancelled();
        return links.connect(session);
    }

    /** A line for a fresh {@code bash -c} in a session. */
    private record BashCommand(String line, Duration timeout, RunnerConfig config) implements Command {
        @Override
        public RunnerChannel open(SandboxChannel channel) throws IOException {
            return RunnerChannel.join(channel, config);
        }

        @Override
        public void prepare(RunnerChannel channel) {
            // The line travels with the start.
        }

        @Override
        public void start(RunnerChannel channel) throws IOException {
            channel.bash(line.getBytes(UTF_8), timeout);
        }
    }

    /** Code for a session's one interpreter. */
    private record PythonCommand(RunRequest request, RunnerConfig config) implements Command {
        @Override
        public Duration timeout() {
            return request.timeout();
        }

        @Override
        public RunnerChannel open(SandboxChannel channel) throws IOException {
            return RunnerChannel.join(channel, config);
        }

        @Override
        public void prepare(RunnerChannel channel) throws IOException {
            try (InputStream code = request.code().open()) {
                channel.sessionCode(request.code().utf8Length(), code);
            }
        }

        @Override
        public void start(RunnerChannel channel) throws IOException {
            try (InputStream stdin = request.openStdin()) {
                channel.run(request.timeout(), request.lastLineInteractive(), stdin);
            }
        }
    }
}
