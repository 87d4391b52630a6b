package dev.codeinterpreter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Engine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service that dies with sandboxes of every kind: nobody has to come and clear up after it. */
@Tag("complete")
@Timeout(240)
class CrashIT {
    private static final Duration LAUNCH = Duration.ofSeconds(60);
    private static final Duration WITHOUT_HELP = Duration.ofSeconds(60);

    /** Of the session, in seconds: longer than all that comes before its end. */
    private static final int LIFE = Backend.current() == Backend.DOCKER ? 20 : 40;

    @Test
    void endsItsSandboxesByThemselvesAndItsSessionsAtTheirTime() throws IOException {
        Program sleeper = Program.of("import time; time.sleep(300)").timeoutMs(300_000);
        try (ServiceProcess service =
                        ServiceProcess.start(Map.of("WARM_POOL_SIZE", "2", "MAX_EXEC_TIMEOUT_MS", "300000"));
                Socket _ = service.api().begin(sleeper)) {
            Engine engine = service.engine();
            service.awaitIdle(2);
            Session session = Session.begin(service.api(), "{\"ttl_seconds\":%d}".formatted(LIFE));
            long begun = System.nanoTime();
            assertThat(session.bash("echo kept > file").exited(0)).isTrue();
            Await.until(
                    "the pool, a run and the session",
                    LAUNCH,
                    () -> engine.running() >= 2 && engine.alive().size() >= 4);

            // Killed between a container's creation and its start, a service leaves what only the next one removes.
            service.awaitIdle(2);
            service.kill();
            Await.until(
                    "only the session",
                    WITHOUT_HELP,
                    () -> engine.alive().size() == 1 && engine.isRunning(session.id()));
            ServiceProcess successor = service.successor();
            assertThat(session.through(successor.api()).bash("cat file").stdout())
                    .isEqualTo("kept\n");
            successor.awaitIdle(2);
            successor.kill();

            Duration left = Duration.ofSeconds(LIFE).minusNanos(System.nanoTime() - begun);
            Await.until(
                    "the session's end",
                    left.plusSeconds(20).plus(engine.pace()),
                    () -> engine.alive().isEmpty());
        }
    }
}
