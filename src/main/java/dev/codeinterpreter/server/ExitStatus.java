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
    private static final System.Logger LOG = System.getLogger(ExitStatus.class.getName());
    private static final int LISTENER_DIED = 3;

    private static volatile boolean serving;
    private static volatile int status;

    /** From now on an orderly end is a success. */
    public static void serving() {
        serving = true;
    }

    /** Ends the process in order, for its supervisor to start another: no client can reach it any more. */
    static void listenerDied() {
        status = LISTENER_DIED;
        LOG.log(System.Logger.Level.ERROR, "the listener has ended, and with it the service");
        // Not on the listener's thread, for whose end the shutdown waits.
        Thread.ofPlatform().name("exit").start(() -> System.exit(LISTENER_DIED));
    }

    /** The very last, when every bean is gone: only then may the JVM be stopped where it stands. */
    static void leave(@Observes @Destroyed(ApplicationScoped.class) @Priority(Integer.MAX_VALUE) Object event) {
        if (serving) {
            Runtime.getRuntime().halt(status);
        }
    }
}
