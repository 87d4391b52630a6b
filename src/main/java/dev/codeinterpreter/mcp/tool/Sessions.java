package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.runner.ProblemReason;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.session.SessionCalls;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Sessions as a model knows them: each use keeps one alive for a while, and what goes wrong comes with the way out. */
@SingleInstance
class Sessions {
    /** What a session has left at least after a use of it, as the description of create_session says. */
    private static final Duration KEPT = Duration.ofMinutes(15);

    private static final int MAX_CAUSES = 8;

    private final SessionCalls calls;

    @Inject
    Sessions(SessionCalls calls) {
        this.calls = calls;
    }

    /**
     * Does {@code work} in a session that then lives for 15 minutes from now on at least.
     *
     * @throws ToolFailure when there is no such session, or no such file in it, or its interpreter is at work
     */
    <T> T use(String session, Call call, Supplier<T> work) {
        try {
            calls.ensure(session, KEPT, call.cancellation());
            return work.get();
        } catch (ServiceException e) {
            throw explain(session, e);
        }
    }

    static RuntimeException explain(String session, ServiceException failure) {
        Optional<ProblemReason> reason = reason(failure);
        if (failure.code() == ErrorCode.NOT_FOUND) {
            return reason.isEmpty()
                    ? ended(session, failure)
                    : new ToolFailure("There is no such file in the session; list_files shows what there is.", failure);
        }
        return reason.equals(Optional.of(ProblemReason.BUSY))
                ? new ToolFailure(
                        "Another Python call is running in this session. Wait for it, or use another session.", failure)
                : failure;
    }

    /** Whether it says that there is no such file, and not that there is no such session. */
    static boolean isAboutFile(ServiceException failure) {
        return failure.code() == ErrorCode.NOT_FOUND && reason(failure).isPresent();
    }

    private static ToolFailure ended(String session, ServiceException failure) {
        return new ToolFailure(
                "Session %s does not exist or has ended. Start a new one with create_session; its variables and files are gone."
                        .formatted(Printable.cut(session)),
                failure);
    }

    /** What the runner of a session said, if it was asked at all. */
    private static Optional<ProblemReason> reason(Throwable failure) {
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof RunnerProblemException problem) {
                return Optional.of(problem.reason());
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
