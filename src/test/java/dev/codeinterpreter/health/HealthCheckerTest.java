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

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch answering = new CountDownLatch(1);

    private final FakeBackend backend = new FakeBackend() {
        @Override
        public BackendHealth check(Duration timeout) {
            asked.incrementAndGet();
            try {
                answering.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return BackendHealth.ok();
        }
    };

    /** A client that polls /ready on a thousand connections has the engine asked once a second. */
    @Test
    void asksOnceForAllWhoAskAtATime() throws Exception {
        HealthChecker checker =
                new HealthChecker(new HealthConfig(Duration.ofMinutes(1), Duration.ofSeconds(1)), "fake", backend);
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
        // One more if a machine needs a second for all of them.
        assertThat(asked.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void staysStuckWhateverOthersAsk() {
        answering.countDown();
        HealthChecker checker =
                new HealthChecker(new HealthConfig(Duration.ofMillis(10), Duration.ofMillis(1)), "fake", backend);
        Await.until("checks that do not come", BOUND, checker::isStuck);
        assertThat(checker.fresh().isOk()).isTrue();
        assertThat(checker.isStuck()).isTrue();
    }
}
