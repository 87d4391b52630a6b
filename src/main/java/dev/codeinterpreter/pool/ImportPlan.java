package dev.codeinterpreter.pool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What the next sandbox for a run imports: all of PRELOAD_MODULES, but while programs come faster than that can be imported,
 * and not all of them find what they name, only what the last ones have named. Without it every second program found no
 * libraries where three a second need pandas, because each import did matplotlib's as well, which is half of it.
 *
 * <p>INVARIANT: {@code this} guards everything.
 */
final class ImportPlan {
    /** Programs with libraries by which their pace is known. */
    private static final int PROGRAMS = 4;

    /** Choices of modules whose time is remembered, beside that of all: more than the defaults have. */
    private static final int MAX_CHOICES = 16;

    /** Before the first import of all: nobody waits for its end. */
    private static final Duration UNKNOWN = Duration.ofHours(1);

    private record Named(Set<String> modules, boolean found, long at) {}

    private final List<String> all;
    private final Set<String> names;
    private final LongSupplier nanoTime;
    private final Map<List<String>, Duration> times = new LinkedHashMap<>();
    private final Deque<Named> last = new ArrayDeque<>();
    private Duration whole = UNKNOWN;

    /** @param nanoTime as {@link System#nanoTime} */
    ImportPlan(List<String> all, LongSupplier nanoTime) {
        this.all = List.copyOf(all);
        this.names = Set.copyOf(all);
        this.nanoTime = nanoTime;
    }

    /** All of PRELOAD_MODULES, in the order in which they are imported. */
    List<String> all() {
        return all;
    }

    /** The same, to be compared with what a program may import. */
    Set<String> names() {
        return names;
    }

    /**
     * Counts a program into the demand.
     *
     * @param modules that it may import; one without any does not count
     * @param found whether it got a sandbox that had imported them
     */
    synchronized void count(Set<String> modules, boolean found) {
        if (modules.isEmpty()) {
            return;
        }
        if (last.size() == PROGRAMS) {
            last.remove();
        }
        last.add(new Named(modules, found, nanoTime.getAsLong()));
    }

    /** What a sandbox that begins to import now should have. */
    synchronized List<String> next() {
        return isBehind()
                ? all.stream()
                        .filter(module -> last.stream()
                                .anyMatch(program -> program.modules().contains(module)))
                        .toList()
                : all;
    }

    /** Whether imports of everything are behind the demand: programs come faster than they end, and some find none. */
    synchronized boolean isBehind() {
        return last.size() == PROGRAMS
                && !whole.equals(UNKNOWN)
                && !last.stream().allMatch(Named::found)
                && nanoTime.getAsLong() - last.getFirst().at()
                        < whole.multipliedBy(PROGRAMS).toNanos();
    }

    /** An import of these took so long. */
    synchronized void imported(List<String> modules, Duration took) {
        if (modules.equals(all)) {
            whole = took;
            return;
        }
        times.remove(modules);
        if (times.size() == MAX_CHOICES) {
            times.remove(times.keySet().iterator().next());
        }
        times.put(modules, took);
    }

    /** How long an import of these takes; before the first one of them as long as that of all, which is more. */
    synchronized Duration timeOf(List<String> modules) {
        return times.getOrDefault(modules, whole);
    }
}
