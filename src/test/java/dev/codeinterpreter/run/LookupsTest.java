package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.tenant.Caller;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LookupsTest {
    private static final List<Integer> ITEMS = IntStream.range(0, 40).boxed().toList();

    @Test
    void givesAllInTheirOrderForTheCallerOfTheRequest() {
        Caller.serviceFor("acme").run(() -> {
            List<String> found =
                    Lookups.all(ITEMS, item -> item + Caller.current().tenant(), _ -> {});
            assertThat(found).hasSize(40).startsWith("0acme", "1acme").endsWith("39acme");
        });
    }

    @Test
    void asksForSoManyAtOnceAndNotMore() throws InterruptedException {
        AtomicInteger waiting = new AtomicInteger();
        CountDownLatch answers = new CountDownLatch(1);
        Thread request = Thread.ofVirtual()
                .start(() -> Lookups.all(
                        ITEMS,
                        item -> {
                            waiting.incrementAndGet();
                            await(answers);
                            return item;
                        },
                        _ -> {}));
        Await.until("as many as there may be", Duration.ofSeconds(10), () -> waiting.get() == Lookups.MAX_AT_ONCE);
        // A ninth would have come by then: nothing else holds it.
        Thread.sleep(50);
        assertThat(waiting).hasValue(Lookups.MAX_AT_ONCE);
        answers.countDown();
        request.join();
        assertThat(waiting).hasValue(ITEMS.size());
    }

    @Test
    void failsAsTheFirstOneDidAndTakesBackTheOthers() {
        ConcurrentLinkedQueue<Integer> found = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Integer> undone = new ConcurrentLinkedQueue<>();
        assertThatThrownBy(() -> Lookups.all(
                        ITEMS,
                        item -> {
                            if (item % 10 == 7) {
                                throw new IllegalStateException("no " + item);
                            }
                            found.add(item);
                            return item;
                        },
                        undone::add))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no 7");
        assertThat(undone).hasSizeGreaterThanOrEqualTo(7).containsExactlyInAnyOrderElementsOf(found);
    }

    /** Each lookup of a store that is away takes its whole timeout. */
    @Test
    void asksForNothingMoreAfterAFailure() {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch timeout = new CountDownLatch(Lookups.MAX_AT_ONCE);
        assertThatThrownBy(() -> Lookups.all(
                        ITEMS,
                        item -> {
                            asked.incrementAndGet();
                            timeout.countDown();
                            await(timeout);
                            throw new IllegalStateException("away");
                        },
                        _ -> {}))
                .hasMessage("away");
        assertThat(asked).hasValue(Lookups.MAX_AT_ONCE);
    }

    @Test
    void endsWithAnInterruptOfTheRequest() throws InterruptedException {
        ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();
        CountDownLatch never = new CountDownLatch(1);
        Thread request = Thread.ofVirtual().start(() -> {
            try {
                List<Integer> _ = Lookups.all(
                        ITEMS,
                        item -> {
                            await(never);
                            return item;
                        },
                        _ -> {});
            } catch (RuntimeException e) {
                ends.add(e.getMessage() + Thread.currentThread().isInterrupted());
            }
        });
        request.interrupt();
        request.join();
        assertThat(ends).singleElement().asString().endsWith("true");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
