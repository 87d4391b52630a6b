package dev.codeinterpreter.sandbox;

import java.util.Optional;

/** Whether sandboxes can be launched, and if not why, in a sentence that may be shown to a client. */
public record BackendHealth(Optional<String> problem) {

    public static BackendHealth ok() {
        return new BackendHealth(Optional.empty());
    }

    public static BackendHealth failing(String problem) {
        return new BackendHealth(Optional.of(problem));
    }

    public boolean isOk() {
        return problem.isEmpty();
    }
}
