package dev.codeinterpreter.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What the next sandbox for a run imports: all of PRELOAD_MODULES, but while programs come faster than that can be imported,
 * only what the last ones have named. Without it every second of the programs that need pandas three times a second found no
 * libraries, because each import did matplotlib's as well, which is half of it.
 *
 * <p>INVARIANT: {@code this} guards everything.
 */
final class ImportPlan {
    /** Programs with libraries by which their pace is known. */
    private static final int PROGRAMS = 4;

    /** Different choices of modules whose time is remembered. */
    private static final int MAX_CHOICES = 16;

    /** What nobody has measured: nobody waits for its end. */
    private static final Duration UNKNOWN = Duration.ofHours(1);

    private record Named(Set<String> modules, long at) {}

    private final List<String> all;
    private final LongSupplier nanoTime;
    private final Map<List<String>, Duration> times = new HashMap<>();
    private final Deque<Named> last = new ArrayDeque<>();

    ImportPlan(List<String> all, LongSupplier nanoTime) {
        this.all = all;
        this.nanoTime = nanoTime;
    }

    List<String> all() {
        return all;
    }

    /** A program has come that may import these. */
    synchronized void named(Set<String> modules) {
        if (last.size() == PROGRAMS) {
            last.remove();
        }
        last.add(new Named(modules, nanoTime.getAsLong()));
    }

    /** What a sandbox that begins to import now should have. */
    synchronized List<String> next() {
        return isHurried()
                ? all.stream()
                        .filter(module -> last.stream()
                                .anyMatch(program -> program.modules().contains(module)))
                        .toList()
                : all;
    }

    /** Whether programs with libraries come faster than all libraries can be imported. */
    synchronized boolean isHurried() {
        Duration whole = timeOf(all);
        return last.size() == PROGRAMS
                && !whole.equals(UNKNOWN)
                && nanoTime.getAsLong() - last.getFirst().at()
                        < whole.multipliedBy(PROGRAMS).toNanos();
    }

    /** An import of these took so long. */
    synchronized void imported(List<String> modules, Duration took) {
        if (times.size() < MAX_CHOICES || times.containsKey(modules)) {
            times.put(modules, took);
        }
    }

    /** How long an import of these takes. */
    synchronized Duration timeOf(List<String> modules) {
        return times.getOrDefault(modules, UNKNOWN);
    }
}
