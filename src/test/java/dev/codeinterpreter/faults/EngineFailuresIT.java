package dev.codeinterpreter.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.PrivateEngine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An engine of the test's own is killed, stopped, frozen, filled, robbed of its image. A run that it takes with it is a 503
 * and never a result, however much its end looks like one.
 */
@Tag("alone")
@Timeout(180)
class EngineFailuresIT {
    private static final Duration LAUNCH = Duration.ofSeconds(20);
    private static final Duration PROMPT = Duration.ofSeconds(15);

    /** An engine that hung makes, when it goes on, all the containers that it was asked for meanwhile. */
    private static final Duration SETTLED = Duration.ofSeconds(60);

    private static final Program SLEEPER =
            Program.of("import time; time.sleep(60); print('slept')").timeoutMs(60_000);

    private static PrivateEngine engine;
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        PrivateEngine.obstacle().ifPresent(why -> Assumptions.abort("skipped: " + why));
        engine = PrivateEngine.start("code-interpreter-executor:latest");
        service = ServiceProcess.start(Map.of("DOCKER_HOST", engine.address()));
    }

    @AfterAll
    static void stop() {
        if (engine != null) {
            try (PrivateEngine _ = engine) {
                if (service != null) {
                    service.close();
                }
            }
        }
    }

    @AfterEach
    void isAsBefore() {
        Await.until(
                "a service that is ready",
                PROMPT,
                () -> service.api().get("/ready").status() == 200);
        assertThat(service.api().run("print(1 + 1)").stdout()).isEqualTo("2\n");
        sandboxes().awaitNone(SETTLED);
        assertThat(service.log()).doesNotContain("NullPointerException", "IllegalStateException");
    }

    @Test
    void answersWhenTheEngineIsKilled() throws IOException {
        try (Socket client = beginSleeper()) {
            engine.kill();
            assertLost(Api.answer(client));
            assertNotReady();
            assertUnavailable(service.api().execute(Program.of("print(1)")));
        } finally {
            engine.launch();
        }
    }

    /** The container is killed first, with the status of a program that used too much memory. */
    @Test
    void answersWhenTheEngineIsStopped() throws IOException {
        try (Socket client = beginSleeper()) {
            engine.beginStop();
            assertLost(Api.answer(client));
            engine.awaitEnd();
        } finally {
            engine.launch();
        }
    }

    @Test
    void answersWhenTheEngineHangs() throws Exception {
        Program program =
                Program.of("import time; time.sleep(3); print('done')").timeoutMs(4000);
        long threads = service.threads();
        // A stream opens when its program has begun: from then on the bound is the program's own.
        try (EventReader events = service.api().stream(program);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            engine.freeze();
            List<Callable<Answer>> others =
                    Collections.nCopies(40, () -> service.api().execute(Program.of("print(1)")));
            for (Future<Answer> other : clients.invokeAll(others)) {
                Answer answer = other.get();
                if (answer.status() != 429) {
                    assertUnavailable(answer);
                }
            }
            assertNotReady();
            assertThat(service.api().get("/health/live").status()).isEqualTo(200);
            // What the container says comes through the engine.
            assertThat(events.readAll().error()).startsWith("Executor capacity unavailable (sandbox lost)");
        } finally {
            engine.thaw();
        }
        Await.until("as few threads as before", PROMPT, () -> service.threads() <= threads + 40);
    }

    @Test
    void goesOnWithTheSameRunWhenTheEngineHungForAMoment() throws IOException {
        Program program =
                Program.of("import time; time.sleep(2); print('done')").timeoutMs(20_000);
        try (Socket client = service.api().begin(program)) {
            Object _ = sandboxes().awaitRunning(LAUNCH);
            engine.freeze();
            try {
                assertNotReady();
            } finally {
                engine.thaw();
            }
            assertThat(Api.answer(client)).startsWith("HTTP/1.1 200 ").contains("\"stdout\":\"done\\n\"");
        }
    }

    @Test
    void forgetsSessionsThatAnEngineTookWithIt() {
        Session session = Session.begin(service.api());
        assertThat(session.bash("echo here").stdout()).isEqualTo("here\n");
        engine.kill();
        assertUnavailable(session.tryBash("echo here", 2000));
        assertUnavailable(session.get());
        engine.launch();
        Answer after = session.tryBash("echo here", 2000);
        assertThat(after.status()).as(after.toString()).isEqualTo(404);
        assertThat(session.end().status()).isEqualTo(404);
    }

    @Test
    void saysThatTheImageHasGone() {
        engine.docker("tag", "code-interpreter-executor:latest", "kept:latest");
        engine.docker("rmi", "--force", "code-interpreter-executor:latest");
        try {
            Answer answer = service.api().execute(Program.of("print(1)"));
            assertUnavailable(answer);
            assertThat(answer.detail()).contains("(image missing)");
            assertNotReady();
        } finally {
            engine.docker("tag", "kept:latest", "code-interpreter-executor:latest");
        }
    }

    @Test
    void saysThatTheDiskOfTheEngineIsFull() {
        try (Session session = Session.begin(service.api())) {
            engine.fill();
            for (int i = 0; i < 3; i++) {
                assertUnavailable(service.api().execute(Program.of("print(1)")));
            }
            assertThat(service.api().post("/v1/sessions", "{}").status()).isEqualTo(503);
            assertThat(session.python("print('on')").exited(0)).isTrue();
        } finally {
            engine.empty();
        }
    }

    @Test
    void leavesNoProgramBehindWhenServiceAndEngineAreKilledTogether() throws IOException {
        try (ServiceProcess other = ServiceProcess.start(Map.of("DOCKER_HOST", engine.address()));
                Socket _ = other.api().begin(SLEEPER)) {
            DockerEngine sandboxes = other.engineAt(engine.address());
            Object _ = sandboxes.awaitRunning(LAUNCH);
            other.kill();
            engine.kill();
            engine.launch();
            sandboxes.awaitNone(PROMPT);
        }
    }

    @Test
    void answersEverybodyWhileTheEngineRestartsAgainAndAgain() throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int client = 0; client < 4; client++) {
                int number = client;
                all.add(clients.submit(() -> askOften(number)));
            }
            for (int i = 0; i < 2; i++) {
                Thread.sleep(1500); // The fault comes at some time, that is the point.
                engine.kill();
                engine.launch();
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    /** Every answer is the asker's own result or a 503. */
    private static void askOften(int client) {
        for (int i = 0; i < 12; i++) {
            String token = client + "-" + i;
            Answer answer = service.api().execute(Program.of("print('%s')".formatted(token)));
            if (answer.status() == 200) {
                assertThat(answer.result().stdout()).isEqualTo(token + "\n");
                assertThat(answer.result().exited(0)).isTrue();
            } else {
                assertUnavailable(answer);
                Await.until(
                        "an engine",
                        PROMPT.multipliedBy(3),
                        () -> service.api().get("/ready").status() == 200);
            }
        }
    }

    private static Socket beginSleeper() throws IOException {
        Socket client = service.api().begin(SLEEPER);
        Object _ = sandboxes().awaitRunning(LAUNCH);
        return client;
    }

    private static DockerEngine sandboxes() {
        return service.engineAt(engine.address());
    }

    private static void assertLost(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("\r\nretry-after: 10\r\n")
                .contains("Executor capacity unavailable (sandbox lost)");
    }

    /** Soon: what the engine has said holds for a moment. */
    private static void assertNotReady() {
        Await.until(
                "a service that is not ready",
                PROMPT,
                () -> service.api().get("/ready").status() == 503);
    }

    private static void assertUnavailable(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.header("retry-after")).contains("10");
        assertThat(answer.body()).doesNotContain("docker", "/private-engine", "java.");
    }
}
