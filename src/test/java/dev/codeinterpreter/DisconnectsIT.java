package dev.codeinterpreter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Engine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients that go away together, in the middle of their runs. */
@Timeout(300)
class DisconnectsIT {
    private static final int CLIENTS = 50;

    /** Half a second is the service's; the rest is for the engine, which takes 50 ms for each removal. */
    private static final Duration ENOUGH = Duration.ofSeconds(10);

    @Test
    void endTheirRunsAndLeaveNothing() throws IOException {
        try (ServiceProcess service = ServiceProcess.start(Map.of(
                "MAX_CONCURRENT_EXECUTIONS", Integer.toString(CLIENTS),
                "CPU_LIMIT", "0.5",
                // A node promises only so many processors, and starts only so many pods a second.
                "KUBERNETES_EXECUTOR_POD_RESOURCES", "{\"requests\": {\"cpu\": \"10m\"}}",
                "MAX_EXEC_TIMEOUT_MS", "300000",
                "KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC", "180"))) {
            Engine engine = service.engine();
            String program = Program.of("import os, time; os.write(1, b'begun'); time.sleep(300)")
                    .timeoutMs(300_000)
                    .toJson()
                    .toString();
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(service.api().begin(i % 2 == 0 ? "/v1/execute" : "/v1/execute/stream", program));
                }
                Await.until("every program's start", Duration.ofMinutes(3), () -> engine.running() >= CLIENTS);
                for (int i = 1; i < CLIENTS; i += 2) {
                    // The head of a stream comes when its program starts, which not every engine can tell.
                    clients.get(i).setSoTimeout((int) Duration.ofSeconds(60).toMillis());
                    assertThat(clients.get(i).getInputStream().read()).isEqualTo('H');
                }
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
            long gone = System.nanoTime();
            Await.until(
                    "no process of theirs",
                    ENOUGH.plus(engine.pace()),
                    () -> engine.alive().isEmpty());
            long dead = System.nanoTime();
            engine.awaitNone(ENOUGH);
            System.out.printf(
                    "%d clients gone: processes after %d ms, sandboxes after %d ms%n",
                    CLIENTS, (dead - gone) / 1_000_000, (System.nanoTime() - gone) / 1_000_000);
            assertThat(service.api().run("1").stdout()).isEqualTo("1\n");
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }
}
