package dev.codeinterpreter.auth;

import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Scope;

/** What a request has to bring to reach a resource's method. */
public enum Need {
    /** Nothing: everybody reaches it. */
    OPEN {
        @Override
        boolean isMetBy(Caller caller) {
            return true;
        }
    },
    /** Any credential that counts. */
    CREDENTIAL {
        @Override
        boolean isMetBy(Caller caller) {
            return !caller.isNobody();
        }
    },
    EXECUTE,
    FILES,
    SESSIONS,
    USAGE,
    METRICS;

    boolean isMetBy(Caller caller) {
        return !caller.isNobody() && caller.has(Scope.valueOf(name()));
    }

    /** What a caller is answered that does not meet it. */
    String missing() {
        return Scope.valueOf(name()).missing();
    }
}
