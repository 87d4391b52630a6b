package dev.codeinterpreter.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * The container engine or the Kubernetes API did not do what it was asked. The message may hold its own words: for the log, not
 * for clients.
 */
public final class BackendException extends Exception {
    /** The status of one that did not answer at all. */
    private static final int NO_ANSWER = 0;

    private final int status;

    /** @param status that HTTP answered with; less than one when there was no answer */
    public BackendException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = Math.max(NO_ANSWER, status);
    }

    /** Of one that did not answer. */
    public static BackendException unreachable(String message, @Nullable Throwable cause) {
        return new BackendException(NO_ANSWER, message, cause);
    }

    public boolean isUnreachable() {
        return status == NO_ANSWER;
    }

    public boolean isNotFound() {
        return status == 404;
    }

    /** There is one of that name already, or somebody else is doing it now, for example removing the container. */
    public boolean isConflict() {
        return status == 409;
    }

    /** Neither permitted nor within the quota: a cluster answers both in the same way. */
    public boolean isForbidden() {
        return status == 403 || status == 401;
    }

    /** The only sign of it is in the text, the same in every release of Kubernetes. */
    public boolean isQuota() {
        return isForbidden() && String.valueOf(getMessage()).contains("exceeded quota");
    }

    /** It speaks TLS and was not spoken to in it: every server written in Go answers so. */
    public boolean asksForTls() {
        return status == 400 && String.valueOf(getMessage()).contains("HTTP request to an HTTPS server");
    }

    /** It may go better in a moment. */
    public boolean isTransient() {
        return status == NO_ANSWER || status == 429 || status >= 500;
    }
}
