package dev.codeinterpreter.sandbox.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/** The Kubernetes API did not do what it was asked. The message may hold its own words: for the log, not for clients. */
final class ApiException extends Exception {
    /** The status of an API server that did not answer at all. */
    static final int NO_ANSWER = 0;

    private final int status;

    ApiException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    static ApiException of(KubernetesClientException e) {
        // The client says -1 or 0 for what never came to an answer.
        return new ApiException(Math.max(NO_ANSWER, e.getCode()), String.valueOf(e.getMessage()), e);
    }

    boolean isUnreachable() {
        return status == NO_ANSWER;
    }

    boolean isNotFound() {
        return status == 404;
    }

    /** There is one of that name already. */
    boolean isConflict() {
        return status == 409;
    }

    /** Neither permitted nor within the quota: both look the same. */
    boolean isForbidden() {
        return status == 403 || status == 401;
    }

    /** The only sign of it is in the text, the same in every release. */
    boolean isQuota() {
        return isForbidden() && String.valueOf(getMessage()).contains("exceeded quota");
    }

    /** It may go better in a moment. */
    boolean isTransient() {
        return status == NO_ANSWER || status == 429 || status >= 500;
    }
}
