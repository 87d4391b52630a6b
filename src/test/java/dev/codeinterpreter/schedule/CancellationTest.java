package dev.codeinterpreter.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CancellationTest {
    private final Cancellation cancellation = new Cancellation();
    private final List<String> events = new ArrayList<>();

    @Test
    void runsTheActionsInTheirOrder() {
        cancellation.onCancel(() -> events.add("first"));
        cancellation.onCancel(() -> events.add("second"));
        assertThat(events).isEmpty();
        assertThat(cancellation.isCancelled()).isFalse();
        cancellation.cancel();
        assertThat(events).containsExactly("first", "second");
        assertThat(cancellation.isCancelled()).isTrue();
    }

    @Test
    void runsThemOnce() {
        cancellation.onCancel(() -> events.add("first"));
        cancellation.cancel();
        cancellation.cancel();
        assertThat(events).containsExactly("first");
    }

    @Test
    void runsALateActionAtOnce() {
        cancellation.cancel();
        cancellation.onCancel(() -> events.add("late"));
        assertThat(events).containsExactly("late");
    }

    @Test
    void mayBeUsedByItsOwnActions() {
        cancellation.onCancel(() -> {
            cancellation.cancel();
            cancellation.onCancel(() -> events.add("nested"));
        });
        cancellation.cancel();
        assertThat(events).containsExactly("nested");
    }

    /** An action that is added while it is cancelled runs too, and only once. */
    @Test
    void losesNoActionInARace() throws Exception {
        for (int i = 0; i < 500; i++) {
            Cancellation raced = new Cancellation();
            AtomicInteger actions = new AtomicInteger();
            CyclicBarrier start = new CyclicBarrier(2);
            Thread other = Thread.ofPlatform().start(() -> {
                await(start);
                raced.cancel();
            });
            await(start);
            raced.onCancel(actions::incrementAndGet);
            other.join();
            assertThat(actions).hasValue(1);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
