package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Engine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sandboxes that have outlived their owners, and those that only look so. */
@Tag("complete")
@Timeout(90)
class OverdueIT {
    private static final Duration PROMPT = Duration.ofSeconds(20);
    private static final String LONG_AGO = "1000000000";
    private static final String FAR_AHEAD = "4000000000";

    @Test
    void areRemovedByWhicheverServiceStartsNextAndNoOthersAre() throws IOException {
        try (ServiceProcess owner = ServiceProcess.start(Map.of());
                Session session = Session.begin(owner.api());
                Socket running = owner.api()
                        .begin(Program.of("import time; time.sleep(20); print('unharmed')")
                                .timeoutMs(40_000))) {
            Engine engine = owner.engine();
            Await.until(
                    "a running program beside the session",
                    PROMPT,
                    () -> engine.sandboxes().size() == 2);
            String oneShot = foreign(engine, "code-interpreter-", "one-shot", LONG_AGO);
            String stuck = foreign(engine, "code-session-", "session", LONG_AGO);
            String young = foreign(engine, "code-interpreter-", "one-shot", FAR_AHEAD);
            String silent = foreign(engine, "code-interpreter-", "one-shot", "");
            String other = foreign(engine, "code-interpreter-", "session", LONG_AGO);
            try (ServiceProcess _ = ServiceProcess.start(Map.of())) {
                Await.until(
                        "the overdue ones to go", PROMPT, () -> !engine.isRunning(oneShot) && !engine.isRunning(stuck));
            } finally {
                engine.remove(oneShot);
                engine.remove(stuck);
            }
            assertThat(engine.isRunning(young)).as("not yet over").isTrue();
            assertThat(engine.isRunning(other)).as("not what its name says").isTrue();
            assertThat(engine.isRunning(silent))
                    .as("of another version of ours")
                    .isTrue();
            engine.remove(young);
            engine.remove(other);
            engine.remove(silent);
            assertThat(session.get().status()).isEqualTo(200);
            assertThat(Api.answer(running)).contains("unharmed");
        }
    }

    /** It runs, says nothing and does not end by itself. */
    private static String foreign(Engine engine, String prefix, String role, String expiresAt) {
        String name = prefix + UUID.randomUUID().toString().replace("-", "");
        engine.runForeign(
                name,
                Map.of(
                        "code-interpreter.component", "sandbox",
                        "code-interpreter.role", role,
                        "code-interpreter.expires-at", expiresAt));
        return name;
    }
}
