package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Engine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many more clients at once than there are sandboxes in the pool. */
@Timeout(240)
class CrowdIT {
    private static final int CLIENTS = 50;
    private static final int POOL = 3;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration TIDY = Duration.ofSeconds(10);

    @Test
    void isAnsweredAndLeavesNoMoreThanThePool() {
        try (ServiceProcess service = ServiceProcess.start(Map.of(
                        "WARM_POOL_SIZE", Integer.toString(POOL),
                        "MAX_CONCURRENT_EXECUTIONS", "8",
                        "EXECUTION_QUEUE_TIMEOUT_SEC", "110"));
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            service.awaitIdle(POOL);
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Program program = Program.of("print(%d ** 2)".formatted(i));
                answers.add(clients.submit(() -> service.api().run(program).stdout()));
            }
            for (int i = 0; i < CLIENTS; i++) {
                assertThat(answers.get(i))
                        .as(service::log)
                        .succeedsWithin(TIMEOUT)
                        .isEqualTo("%d\n".formatted(i * i));
            }
            Engine engine = service.engine();
            Await.until(
                    "no sandbox beside the pool",
                    TIDY.plus(engine.pace()),
                    () -> engine.sandboxes().size() <= POOL);
            service.awaitIdle(POOL);
            assertThat(engine.sandboxes()).hasSize(POOL);
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }
}
