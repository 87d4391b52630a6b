package dev.codeinterpreter.runner;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why a runner does not do what it was asked, by the word in its PROBLEM frame, and what a client gets to know of it. */
public enum ProblemReason {
    /** It runs another command in the same interpreter. */
    BUSY(ErrorCode.CONFLICT, "Another command runs in this session."),
    CHANGED(ErrorCode.CONFLICT, "The file was written to while it was read, try again."),
    /** No process or descriptor is left. */
    EXHAUSTED(ErrorCode.CONFLICT, "The session has no room for another process: end some, or the session."),
    NOT_A_FILE(ErrorCode.INVALID_REQUEST, "Something else than a file is at that path"),
    NOT_FOUND(ErrorCode.NOT_FOUND, "There is no such file in the session"),
    NO_SPACE(ErrorCode.TOO_LARGE, "The files do not fit into the workspace."),
    /** Over the limit of one file, MAX_FILE_SIZE_MB. */
    TOO_LARGE(ErrorCode.TOO_LARGE, "File size exceeds the maximum"),
    /** It cannot confine the commands of a session. */
    UNPROTECTED(
            Rejection.NO_LANDLOCK,
            "sessions need Landlock, which Linux has from 5.19 on, and the sandboxes' kernel does not offer it."),
    /** Whatever else a runner of ours, or a program in its place, says. */
    OTHER(Rejection.SANDBOX_UNUSABLE, "a sandbox did not do what it was asked.");

    private final ErrorCode code;
    private final @Nullable Rejection rejection;
    private final String detail;

    ProblemReason(ErrorCode code, String detail) {
        this.code = code;
        this.rejection = null;
        this.detail = detail;
    }

    ProblemReason(Rejection rejection, String detail) {
        this.code = rejection.code();
        this.rejection = rejection;
        this.detail = detail;
    }

    /** {@link #OTHER} for a word that is none of these. */
    static ProblemReason of(String word) {
        return Arrays.stream(values())
                .filter(reason -> reason.name().toLowerCase(Locale.ROOT).equals(word))
                .findFirst()
                .orElse(OTHER);
    }

    /**
     * What the client gets to know.
     *
     * @param expected what a runner of ours may say to what it was asked; a program in its place says anything, which is
     *     {@link #OTHER}
     */
    public ServiceException failure(Set<ProblemReason> expected, Throwable cause) {
        ProblemReason reason = expected.contains(this) ? this : OTHER;
        return reason.rejection == null
                ? new ServiceException(reason.code, reason.detail, cause)
                : ServiceException.capacity(reason.rejection, reason.detail, cause);
    }
}
