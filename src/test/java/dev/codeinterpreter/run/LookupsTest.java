package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.tenant.Caller;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** As many meet each time as there may be; with fewer nobody would go on. */
    @Test
    void asksForSoManyAtOnceAndNotMore() {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        CyclicBarrier meeting = new CyclicBarrier(Lookups.MAX_AT_ONCE);
        List<Integer> found = Lookups.all(
                ITEMS,
                item -> {
                    peak.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    meet(meeting);
                    underWay.decrementAndGet();
                    return item;
                },
                _ -> {});
        assertThat(found).isEqualTo(ITEMS);
        assertThat(peak).hasValue(Lookups.MAX_AT_ONCE);
    }

    @Test
    void leavesAnErrorAsItIs() {
        assertThatThrownBy(() -> Lookups.all(
                        ITEMS,
                        item -> {
                            throw new StackOverflowError("deep");
                        },
                        _ -> {}))
                .isInstanceOf(StackOverflowError.class)
                .hasMessage("deep");
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

    /** While it waits for a permit, and while it waits for the last lookups. */
    @ParameterizedTest
    @ValueSource(ints = {40, Lookups.MAX_AT_ONCE})
    void endsWithAnInterruptOfTheRequest(int items) throws InterruptedException {
        ConcurrentLinkedQueue<String> ends = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(Lookups.MAX_AT_ONCE);
        CountDownLatch never = new CountDownLatch(1);
        Thread request = Thread.ofVirtual().start(() -> {
            try {
                List<Integer> _ = Lookups.all(
                        ITEMS.subList(0, items),
                        item -> {
                            begun.countDown();
                            await(never);
                            return item;
                        },
                        _ -> {});
            } catch (RuntimeException e) {
                ends.add(e.getMessage() + Thread.currentThread().isInterrupted());
            }
        });
        begun.await();
        request.interrupt();
        request.join();
        assertThat(ends).containsExactly("interruptedtrue");
    }

    private static void meet(CyclicBarrier meeting) {
        try {
            meeting.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }
}
