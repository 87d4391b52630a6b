package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Usage of replicas on one shared directory. */
@Tag("complete")
@Timeout(240)
class ReplicaUsageIT {
    /** What is written every ten seconds, and read five later. */
    private static final Duration LATE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void isOfAllReplicasWhetherTheyWereStoppedOrKilled() {
        Map<String, String> settings = Map.of(
                "FILE_STORAGE", "shared",
                "FILE_STORAGE_DIR", directory.resolve("files").toString(),
                "FILE_SPOOL_DIR", directory.resolve("spool").toString());
        try (ServiceProcess stopped = ServiceProcess.onFake(settings);
                ServiceProcess other = ServiceProcess.onFake(settings)) {
            run(stopped, 3);
            stopped.api().upload("a", "content");
            run(other, 2);
            assertThat(stopped.stop()).isZero();
            Await.until("all runs", LATE, () -> runs(other) == 5);
            assertThat(usage(other).getInt("files")).isEqualTo(1);
            assertThat(usage(other).getInt("cpu_ms")).isEqualTo(5);

            try (ServiceProcess successor = stopped.successor()) {
                run(successor, 1);
                // Killed when what it has counted was written.
                Await.until("the runs of the new one", LATE, () -> runs(other) == 6);
                assertThat(runs(successor)).isEqualTo(6);
                successor.kill();
                Await.until("the same runs", LATE, () -> runs(other) == 6);
            }
        }
    }

    private static void run(ServiceProcess service, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(service.api().execute(Program.of("1")).status()).isEqualTo(200);
        }
    }

    private static int runs(ServiceProcess service) {
        return usage(service).getJsonObject("runs").getInt("exited");
    }

    private static JsonObject usage(ServiceProcess service) {
        JsonObject usage = service.api().get("/v1/usage").json();
        assertThat(usage.getString("of")).isEqualTo("replicas");
        return usage;
    }
}
