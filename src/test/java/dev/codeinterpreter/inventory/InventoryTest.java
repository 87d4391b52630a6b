package dev.codeinterpreter.inventory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.harness.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class InventoryTest {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private final AtomicInteger asked = new AtomicInteger();
    private volatile String revision = "1";

    private byte[] answer() {
        return "description %d".formatted(asked.incrementAndGet()).getBytes(UTF_8);
    }

    private Inventory inventory(Supplier<byte[]> question, Duration holds, Duration maxWait) {
        return new Inventory(() -> revision, question, new Inventory.Timings(holds, holds, maxWait));
    }

    private static String text(Inventory inventory) {
        return new String(inventory.current(), UTF_8);
    }

    @Test
    void asksOnceForAllWhoWantToKnow() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        Inventory inventory = inventory(
                () -> {
                    byte[] answer = answer();
                    await(answering);
                    return answer;
                },
                BOUND,
                BOUND);
        List<FutureTask<String>> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            FutureTask<String> client = new FutureTask<>(() -> text(inventory));
            clients.add(client);
            Thread.ofVirtual().start(client);
        }
        Await.until("the question", BOUND, () -> asked.get() == 1);
        answering.countDown();
        for (FutureTask<String> client : clients) {
            assertThat(client.get()).isEqualTo("description 1");
        }
    }

    @Test
    void letsNobodyWaitWithoutEnd() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        Inventory inventory = inventory(
                () -> {
                    byte[] answer = answer();
                    await(answering);
                    return answer;
                },
                BOUND,
                Duration.ofMillis(1));
        FutureTask<String> first = new FutureTask<>(() -> text(inventory));
        Thread.ofVirtual().start(first);
        Await.until("the question", BOUND, () -> asked.get() == 1);
        assertThatThrownBy(inventory::current)
                .isInstanceOfSatisfying(
                        ServiceException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE));
        answering.countDown();
        assertThat(first.get()).isEqualTo("description 1");
        assertThat(text(inventory)).isEqualTo("description 1");
    }

    @Test
    void asksAgainWhenTheImageIsAnotherAndNotBefore() {
        Inventory inventory = inventory(this::answer, Duration.ZERO, BOUND);
        assertThat(text(inventory)).isEqualTo("description 1");
        revision = "2";
        assertThat(text(inventory)).isEqualTo("description 2");
        // An engine that does not answer does not say that it is another.
        for (String said : List.of("", "2", "")) {
            revision = said;
            assertThat(text(inventory)).isEqualTo("description 2");
        }
    }

    /** Which of the two images has answered is not known. */
    @Test
    void doesNotKeepAnAnswerDuringWhichTheImageChanged() {
        Inventory inventory = inventory(
                () -> {
                    revision = "2";
                    return answer();
                },
                Duration.ZERO,
                BOUND);
        assertThat(text(inventory)).isEqualTo("description 1");
        assertThat(text(inventory)).isEqualTo("description 2");
    }

    @Test
    void remembersAFailure() {
        Inventory inventory = inventory(this::failure, BOUND, BOUND);
        assertThatThrownBy(inventory::current).isInstanceOf(ServiceException.class);
        assertThatThrownBy(inventory::current).isInstanceOf(ServiceException.class);
        assertThat(asked).hasValue(1);
    }

    @Test
    void remembersAFailureForAMomentOnly() {
        Inventory inventory =
                inventory(() -> asked.get() == 0 ? failure() : "well".getBytes(UTF_8), Duration.ZERO, BOUND);
        assertThatThrownBy(inventory::current).isInstanceOf(ServiceException.class);
        assertThat(text(inventory)).isEqualTo("well");
    }

    private byte[] failure() {
        asked.incrementAndGet();
        throw ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "so the test wants it.", null);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
