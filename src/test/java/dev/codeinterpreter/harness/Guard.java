package dev.codeinterpreter.harness;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;

/**
 * Looks at living sandboxes of a service and refuses to let anything hostile into one that is not set up as the golden
 * files say, or not locked: golden files can be rewritten, the list of locks cannot.
 */
public final class Guard {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private Guard() {}

    /**
     * @param golden what the golden files of this service's settings are called
     * @throws AssertionError naming every lock that is open and every setting that differs
     */
    public static void check(ServiceProcess service, String golden) throws IOException {
        Program sleeper = Program.of("import time; time.sleep(60)").timeoutMs(60_000);
        try (Socket _ = service.api().begin(sleeper)) {
            check(service.engine(), golden + "-one-shot.json");
        }
        service.engine().awaitNone(TIMEOUT);
        try (Session _ = Session.begin(service.api())) {
            check(service.engine(), golden + "-session.json");
        }
        service.engine().awaitNone(TIMEOUT);
    }

    private static void check(Engine engine, String golden) {
        String sandbox = engine.awaitRunning(TIMEOUT);
        List<String> open = engine.openLocks(sandbox);
        if (!open.isEmpty()) {
            throw new AssertionError("no hostile program will run, these locks are open: " + open);
        }
        Golden.check(golden, engine.settings(sandbox));
    }
}
