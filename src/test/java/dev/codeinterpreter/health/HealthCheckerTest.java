package dev.codeinterpreter.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.fake.FakeBackend;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.sandbox.BackendHealth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HealthCheckerTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final HealthConfig SELDOM = new HealthConfig(Duration.ofMinutes(1), Duration.ofSeconds(1));

    private final AtomicInteger asked = new AtomicInteger();
    /** Questions until it answers that it is well. */
    private volatile int failures;

    private final CountDownLatch answering = new CountDownLatch(1);

    private final FakeBackend backend = new FakeBackend() {
        @Override
        public BackendHealth check(Duration timeout) {
            int number = asked.incrementAndGet();
            try {
                answering.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return number > failures ? BackendHealth.ok() : BackendHealth.failing("it is down");
        }
    };

    /** A client that polls /ready on a thousand connections has the engine asked once in a while. */
    @Test
    void asksOnceForAllWhoAskAtATime() throws Exception {
        HealthChecker checker = checker(SELDOM, new HealthTimings(BOUND, Duration.ofMinutes(1)));
        List<FutureTask<BackendHealth>> callers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            FutureTask<BackendHealth> caller = new FutureTask<>(checker::fresh);
            callers.add(caller);
            Thread.ofVirtual().start(caller);
        }
        Await.until("the first question", BOUND, () -> asked.get() == 1);
        answering.countDown();
        for (FutureTask<BackendHealth> caller : callers) {
            assertThat(caller.get().isOk()).isTrue();
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void asksAgainWhenTheAnswerIsOld() {
        answering.countDown();
        failures = 1;
        HealthChecker checker = checker(SELDOM, new HealthTimings(BOUND, Duration.ofNanos(1)));
        assertThat(checker.fresh().isOk()).isFalse();
        assertThat(checker.fresh().isOk()).isTrue();
        assertThat(asked).hasValue(2);
    }

    @Test
    void checksABackendThatFailsMoreOften() {
        answering.countDown();
        failures = 3;
        HealthChecker checker = checker(SELDOM, new HealthTimings(Duration.ofMillis(1), BOUND));
        checker.start();
        Await.until("the backend well again", BOUND, () -> checker.last().isOk());
        checker.close();
        assertThat(asked).as("then as seldom as configured").hasValue(4);
    }

    @Test
    void staysStuckWhateverOthersAsk() {
        answering.countDown();
        HealthChecker checker =
                checker(new HealthConfig(Duration.ofMillis(10), Duration.ofMillis(1)), HealthTimings.DEFAULT);
        Await.until("checks that do not come", BOUND, checker::isStuck);
        assertThat(checker.fresh().isOk()).isTrue();
        assertThat(checker.isStuck()).isTrue();
    }

    private HealthChecker checker(HealthConfig config, HealthTimings timings) {
        return new HealthChecker(config, timings, "fake", backend);
    }
}
