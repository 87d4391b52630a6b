package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import jakarta.inject.Inject;
import java.time.Duration;

/** From what a client calls a session to the session. Whatever is not a session of ours is not found, and not touched. */
@SingleInstance
class SessionLinks {
    /** For the engine to remove a container whose runner has ended. */
    private static final Duration ENDING = Duration.ofSeconds(2);

    private final SandboxBackend backend;

    @Inject
    SessionLinks(BackendSelection selection) {
        this.backend = selection.backend();
    }

    /** @throws ServiceException NOT_FOUND when it cannot be the id of a session */
    void checkId(String session) {
        parse(session);
    }

    /**
     * Opens a channel to a session's runner; the caller closes it.
     *
     * @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE
     */
    SandboxChannel connect(String session) {
        return backend.connect(parse(session), RunnerScript.connector()).orElseThrow(() -> notFound(session));
    }

    /** Whether what went wrong with a session went wrong because it has ended. */
    boolean hasEnded(String session) {
        return backend.awaitGone(parse(session), ENDING);
    }

    /** @throws ServiceException NOT_FOUND or CAPACITY_UNAVAILABLE */
    void remove(String session) {
        if (!backend.remove(parse(session))) {
            throw notFound(session);
        }
    }

    static ServiceException notFound(String session) {
        return new ServiceException(ErrorCode.NOT_FOUND, "Session '%s' not found".formatted(session));
    }

    private static SandboxId parse(String session) {
        return SandboxId.parseSession(session).orElseThrow(() -> notFound(session));
    }
}
