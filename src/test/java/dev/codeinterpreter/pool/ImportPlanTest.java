package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the next sandbox imports, by a clock of the test's own. */
class ImportPlanTest {
    private static final List<String> ALL = List.of("numpy", "pandas", "matplotlib.pyplot");
    private static final Duration WHOLE = Duration.ofMillis(500);

    private final AtomicLong now = new AtomicLong();
    private final ImportPlan plan = new ImportPlan(ALL, now::get);

    @Test
    void importsAllBeforeAnybodyHasComeOrMeasured() {
        assertThat(plan.next()).isEqualTo(ALL);
        come(10, "pandas", 1);
        assertThat(plan.next()).isEqualTo(ALL);
    }

    @Test
    void importsAllWhileThereIsTimeForIt() {
        plan.imported(ALL, WHOLE);
        come(10, "pandas", 501);
        assertThat(plan.next()).isEqualTo(ALL);
    }

    @Test
    void importsWhatTheLastOnesHaveNamedInItsOrderWhileTheyComeFaster() {
        plan.imported(ALL, WHOLE);
        come(10, "pandas", 350);
        assertThat(plan.next()).containsExactly("pandas");
        come(1, "numpy", 350);
        assertThat(plan.next()).containsExactly("numpy", "pandas");
        come(4, "matplotlib.pyplot", 350);
        assertThat(plan.next()).containsExactly("matplotlib.pyplot");
    }

    @Test
    void importsAllWhileEachFindsWhatItNames() {
        plan.imported(ALL, WHOLE);
        for (int i = 0; i < 4; i++) {
            plan.count(Set.of("pandas"), true);
        }
        assertThat(plan.next()).isEqualTo(ALL);
        plan.count(Set.of("pandas"), false);
        assertThat(plan.next()).containsExactly("pandas");
        plan.count(Set.of(), false);
        assertThat(plan.next()).as("a program without libraries").containsExactly("pandas");
    }

    @Test
    void importsAllAgainWhenNobodyComesAnyMore() {
        plan.imported(ALL, WHOLE);
        come(10, "pandas", 350);
        assertThat(plan.isBehind()).isTrue();
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(plan.isBehind()).isFalse();
        assertThat(plan.next()).isEqualTo(ALL);
    }

    @Test
    void knowsTheTimeOfEachChoice() {
        assertThat(plan.timeOf(ALL)).as("nobody has measured").isGreaterThan(Duration.ofMinutes(1));
        plan.imported(ALL, WHOLE);
        plan.imported(List.of("pandas"), Duration.ofMillis(300));
        assertThat(plan.timeOf(ALL)).isEqualTo(WHOLE);
        assertThat(plan.timeOf(List.of("pandas"))).isEqualTo(Duration.ofMillis(300));
        assertThat(plan.timeOf(List.of("numpy"))).as("no more than that of all").isEqualTo(WHOLE);
    }

    @Test
    void remembersTheLastChoicesOnly() {
        plan.imported(ALL, WHOLE);
        for (int i = 0; i < 1000; i++) {
            plan.imported(List.of("module" + i), Duration.ofMillis(i));
        }
        assertThat(plan.timeOf(List.of("module983"))).isEqualTo(WHOLE);
        assertThat(plan.timeOf(List.of("module984"))).isEqualTo(Duration.ofMillis(984));
        assertThat(plan.timeOf(ALL)).isEqualTo(WHOLE);
    }

    /** So many programs, each so long after the one before. */
    private void come(int programs, String module, long millisecondsApart) {
        for (int i = 0; i < programs; i++) {
            now.addAndGet(Duration.ofMillis(millisecondsApart).toNanos());
            plan.count(Set.of(module), false);
        }
        now.addAndGet(Duration.ofMillis(millisecondsApart).toNanos());
    }
}
