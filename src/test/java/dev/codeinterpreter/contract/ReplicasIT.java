package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two services beside each other on one engine, which know nothing of each other. */
@Tag("complete")
@Timeout(240)
class ReplicasIT {
    private static final int SESSIONS = 4;
    private static final int REQUESTS = 200;
    private static final int CLIENTS = 6;
    private static final Map<String, String> SETTINGS = Map.of(
            "WARM_POOL_SIZE", "1",
            "MAX_CONCURRENT_EXECUTIONS", "6",
            "EXECUTION_QUEUE_TIMEOUT_SEC", "60",
            "LOG_LEVEL", "DEBUG");

    /** What came of one request: its answer is right, or there is none and the replica that was asked had been killed. */
    private record Outcome(boolean asExpected, boolean inKilled, String detail) {}

    @Test
    void keepTheirPoolsApart() {
        try (ServiceProcess one = ServiceProcess.start(SETTINGS);
                ServiceProcess other = ServiceProcess.start(SETTINGS)) {
            one.awaitIdle(1);
            other.awaitIdle(1);
            List<String> others = other.engine().sandboxes();
            for (int i = 0; i < 3; i++) {
                assertThat(one.api().run("print(1)").stdout()).isEqualTo("1\n");
            }
            assertThat(one.stop()).isZero();
            assertThat(other.engine().sandboxes()).isEqualTo(others);
            assertThat(other.api().run("print(2)").stdout()).isEqualTo("2\n");
        }
    }

    @Test
    void loseNoSessionWhenOneIsKilled() throws Exception {
        try (ServiceProcess survivor = ServiceProcess.start(SETTINGS);
                ServiceProcess victim = ServiceProcess.start(SETTINGS);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                Session session = Session.begin((i % 2 == 0 ? survivor : victim).api());
                assertThat(session.bash("echo %d > mine; echo 0 > count".formatted(i))
                                .exited(0))
                        .isTrue();
                sessions.add(session);
            }
            AtomicBoolean killed = new AtomicBoolean();
            CountDownLatch half = new CountDownLatch(REQUESTS / 2);
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                int number = i;
                outcomes.add(clients.submit(() -> {
                    // Sessions that began at the one are used at the other; a dead replica is not asked any more.
                    boolean atVictim = number % 4 >= 2 && !killed.get();
                    Outcome outcome = ask((atVictim ? victim : survivor).api(), sessions, number, atVictim, killed);
                    half.countDown();
                    return outcome;
                }));
            }
            assertThat(half.await(150, TimeUnit.SECONDS)).isTrue();
            killed.set(true);
            victim.kill();

            int failures = 0;
            for (Future<Outcome> future : outcomes) {
                Outcome outcome = future.get();
                if (!outcome.asExpected()) {
                    assertThat(outcome.inKilled())
                            .as(() -> outcome.detail() + '\n' + endings(survivor) + endings(victim))
                            .isTrue();
                    failures++;
                }
            }
            // At most what was under way there.
            assertThat(failures).isLessThanOrEqualTo(CLIENTS);
            for (int i = 0; i < SESSIONS; i++) {
                try (Session session = sessions.get(i).through(survivor.api())) {
                    assertThat(session.bash("cat mine").stdout()).isEqualTo("%d\n".formatted(i));
                }
            }
        }
    }

    /** Why runs ended early, as the service sees it. */
    private static String endings(ServiceProcess service) {
        return service.log()
                .lines()
                .filter(line -> line.contains("client went away"))
                .collect(Collectors.joining("\n"));
    }

    private static Outcome ask(Api api, List<Session> sessions, int number, boolean atVictim, AtomicBoolean killed) {
        String expected;
        try {
            Answer answer;
            if (number % 8 < 4 && number % 2 == 0) {
                expected = "%d\n".formatted(number * 3);
                answer = api.execute(Program.of("print(%d * 3)".formatted(number)));
            } else {
                int which = number / 3 % SESSIONS;
                expected = "%d %d\n".formatted(which, number);
                Session session = sessions.get(which).through(api);
                // Commands of one session may not overlap.
                synchronized (sessions.get(which)) {
                    answer = number % 2 == 0
                            ? session.tryBash("echo $(cat mine) %d".formatted(number), 20_000)
                            : session.tryPython(Program.of("print(open('mine').read().strip(), %d)".formatted(number)));
                }
            }
            boolean asExpected =
                    answer.status() == 200 && answer.result().stdout().equals(expected);
            boolean inKilled = atVictim && killed.get() && answer.status() == 503;
            return new Outcome(asExpected, inKilled, "%d: %s".formatted(number, answer));
        } catch (UncheckedIOException e) {
            return new Outcome(false, atVictim && killed.get(), "%d: %s".formatted(number, e));
        }
    }
}
