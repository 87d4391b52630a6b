package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.run.Admission;
import dev.codeinterpreter.run.CodeDigest;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ProgramRuns;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Runs commands in sessions. */
@SingleInstance
public class SessionService {
    private final RunConfig config;
    private final ProgramRuns runs;
    private final SessionLinks links;
    private final Admission admission;

    @Inject
    SessionService(RunConfig config, ProgramRuns runs, SessionLinks links, Admission admission) {
        this.config = config;
        this.runs = runs;
        this.links = links;
        this.admission = admission;
    }

    public RunConfig config() {
        return config;
    }

    /** @throws ServiceException INVALID_REQUEST, NOT_FOUND, CONFLICT, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE */
    public RunResult bash(
            Operation operation,
            String session,
            String line,
            Duration timeout,
            OutputSink output,
            Cancellation cancellation) {
        CodeDigest.note(Text.of(line));
        return run(
                operation, session, link -> new LinkedCommand.Bash(line, timeout, link), timeout, output, cancellation);
    }

    /** As {@link #bash}; one at a time in a session. The request's files are not looked at. */
    public RunResult python(
            Operation operation, String session, RunRequest request, OutputSink output, Cancellation cancellation) {
        CodeDigest.note(request.code());
        return run(
                operation,
                session,
                link -> new LinkedCommand.Python(request, link),
                request.timeout(),
                output,
                cancellation);
    }

    private RunResult run(
            Operation operation,
            String session,
            Function<SessionLink, LinkedCommand> command,
            Duration timeout,
            OutputSink output,
            Cancellation cancellation) {
        config.checkTimeout(timeout, Caller.current().limits());
        links.checkId(session);
        return admission.admit(operation, cancellation, result -> Optional.of(result.exit()), permit -> {
            try (permit;
                    SessionLink link = connect(session, cancellation)) {
                LinkedCommand linked = command.apply(link);
                RunResult result = runs.run(session, link, link::close, linked, output, cancellation);
                linked.hold();
                return result;
            } catch (ServiceException e) {
                if (e.code() == ErrorCode.CAPACITY_UNAVAILABLE && links.hasEnded(session)) {
                    // It ended under the command: at its time, or because somebody deleted it.
                    throw SessionLinks.notFound(session);
                }
                throw e;
            }
        });
    }

    private SessionLink connect(String session, Cancellation cancellation) {
        cancellation.throwIfCancelled();
        return links.connect(session);
    }
}
