package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.execution.Admission;
import dev.codeinterpreter.execution.Command;
import dev.codeinterpreter.execution.ExecutionConfig;
import dev.codeinterpreter.execution.ExecutionRequest;
import dev.codeinterpreter.execution.ExecutionResult;
import dev.codeinterpreter.execution.Operation;
import dev.codeinterpreter.execution.OutputSink;
import dev.codeinterpreter.execution.ProgramRuns;
import dev.codeinterpreter.pool.Launcher;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Cancellation;
import jakarta.inject.Inject;
import java.time.Duration;

/** Runs commands in sessions. */
@SingleInstance
public class SessionService {
    private final ExecutionConfig config;
    private final Launcher launcher;
    private final ProgramRuns runs;
    private final SessionLinks links;
    private final Admission admission;

    @Inject
    SessionService(Settings settings, Launcher launcher, ProgramRuns runs, SessionLinks links, Admission admission) {
        this.config = ExecutionConfig.from(settings);
        this.launcher = launcher;
        this.runs = runs;
        this.links = links;
        this.admission = admission;
    }

    ExecutionConfig config() {
        return config;
    }

    /** @throws ServiceException INVALID_REQUEST, NOT_FOUND, CONFLICT, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE */
    ExecutionResult bash(String session, String line, Duration timeout, OutputSink output, Cancellation cancellation) {
        return run(
                Operation.SESSION_BASH,
                session,
                new BashCommand(line, timeout, launcher.runnerConfig()),
                output,
                cancellation);
    }

    /** As {@link #bash}; one at a time in a session. The request's files are not looked at. */
    ExecutionResult python(String session, ExecutionRequest request, OutputSink output, Cancellation cancellation) {
        return run(
                Operation.SESSION_PYTHON,
                session,
                new PythonCommand(request, launcher.runnerConfig()),
                output,
                cancellation);
    }

    private ExecutionResult run(
            Operation operation, String session, Command command, OutputSink output, Cancellation cancellation) {
        config.checkTimeout(command.timeout());
        links.checkId(session);
        return admission.admit(operation, cancellation, ExecutionResult::outcome, place -> {
            try (place;
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
}
