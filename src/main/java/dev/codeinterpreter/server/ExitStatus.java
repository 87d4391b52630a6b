package dev.codeinterpreter.server;

import dev.codeinterpreter.bean.SingleInstance;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Destroyed;
import jakarta.enterprise.event.Observes;

/**
 * Ends a service that was asked to stop with status 0. A JVM that SIGTERM has ended says 143 by itself, which supervisors
 * take for a failure although everything was finished and closed in order.
 */
@SingleInstance
public class ExitStatus {
    private static volatile boolean serving;

    /** From now on an orderly end is a success. */
    public static void serving() {
        serving = true;
    }

    /** The very last, when every bean is gone: only then may the JVM be stopped where it stands. */
    static void leave(@Observes @Destroyed(ApplicationScoped.class) @Priority(Integer.MAX_VALUE) Object event) {
        if (serving) {
            Runtime.getRuntime().halt(0);
        }
    }
}
