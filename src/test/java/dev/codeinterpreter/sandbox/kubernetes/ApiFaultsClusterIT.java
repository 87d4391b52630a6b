package dev.codeinterpreter.sandbox.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.UnreliableApi;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real cluster whose API refuses now and then: tried again in time, but never what may have begun. */
@Timeout(120)
class ApiFaultsClusterIT {
    private static final int READY_SECONDS = 10;

    /** Against waiting for ever; the rest is for a busy machine. */
    private static final Duration BOUND = Duration.ofSeconds(READY_SECONDS + 5);

    private static final String CREATE = "POST /api/v1/namespaces/";
    private static final String EXEC = "/exec?";

    private static UnreliableApi api;
    private static ServiceProcess service;

    @BeforeAll
    static void start() throws IOException {
        api = new UnreliableApi();
        service = ServiceProcess.start(Map.of(
                "KUBECONFIG",
                api.kubeconfig(),
                "KUBERNETES_EXECUTOR_READY_TIMEOUT_SEC",
                Integer.toString(READY_SECONDS),
                // Its checks create pods, too, without keeping them.
                "HEALTH_CHECK_INTERVAL_SEC",
                "3600"));
    }

    @AfterAll
    static void stop() throws IOException {
        service.engine().awaitNone(Duration.ofSeconds(10));
        service.close();
        api.close();
    }

    @ParameterizedTest
    @CsvSource({"429, " + CREATE, "500, " + CREATE, "503, " + CREATE, "500, " + EXEC, "429, " + EXEC})
    void triesAgainWhatIsRefusedForAMoment(int status, String request) {
        api.refuse(2, status, request);
        assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        assertThat(api.refusalsLeft()).isZero();
    }

    @Test
    void givesUpInTime() {
        api.refuse(1_000_000, 503, CREATE);
        try {
            long start = System.nanoTime();
            Answer answer = service.api().execute(Program.of("1"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.detail()).startsWith("Executor capacity unavailable (engine busy): ");
        } finally {
            api.refuse(0, 0, "");
        }
    }

    @Test
    void doesNotTryAgainWhatNeverGoes() {
        api.refuse(1, 400, CREATE);
        Answer answer = service.api().execute(Program.of("1"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.detail()).startsWith("Executor capacity unavailable (launch failed): ");
    }

    @Test
    void neverStartsAProgramTwice() throws IOException {
        long before = service.engine().launches();
        Program program = Program.of("import os, time; os.write(1, b'begun\\n'); time.sleep(30)")
                .timeoutMs(40_000);
        try (EventReader events = service.api().stream(program)) {
            assertThat(events.require().text()).isEqualTo("begun\n");
            api.breakStreams();
            assertThat(events.readAll().error()).startsWith("Executor capacity unavailable (sandbox lost): ");
        }
        service.engine().awaitNone(Duration.ofSeconds(10));
        assertThat(service.engine().launches() - before).isEqualTo(1);
    }
}
