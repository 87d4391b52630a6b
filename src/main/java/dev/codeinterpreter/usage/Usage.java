package dev.codeinterpreter.usage;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Counts for each tenant and hour what it uses, in this process, for the last 31 days.
 *
 * <p>INVARIANT: {@code this} guards {@code hours}, which has at most {@value #MAX_ROWS} rows in all; the oldest hour goes first.
 */
@SingleInstance
public class Usage {
    /** A row has some 200 bytes of heap. */
    static final int MAX_ROWS = 50_000;

    /** What is older is forgotten. */
    static final long KEPT_HOURS = Duration.ofDays(31).toHours();

    private final Clock clock;
    private final Instant start;
    /** By the number of the hour since 1970 and the tenant. */
    private final TreeMap<Long, Map<String, Totals>> hours = new TreeMap<>();
    /** Hours of {@code hours} that {@link #takeChanged} has not given as they are. */
    private final Set<Long> changed = new TreeSet<>();

    private int rows;

    @Inject
    Usage(Clock clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /** Counts something of the caller's tenant. */
    synchronized void count(Consumer<Totals> what) {
        long hour = HourName.hourOf(clock.instant());
        Map<String, Totals> now = hours.computeIfAbsent(hour, number -> new HashMap<>());
        Totals row = now.computeIfAbsent(Caller.current().tenant(), tenant -> {
            rows++;
            return new Totals();
        });
        what.accept(row);
        changed.add(hour);
        while (hours.size() > 1 && (rows > MAX_ROWS || hours.firstKey() < hour - KEPT_HOURS)) {
            Map.Entry<Long, Map<String, Totals>> oldest = hours.pollFirstEntry();
            rows -= oldest.getValue().size();
            changed.remove(oldest.getKey());
        }
    }

    /** A program has ended. */
    public void run(ProgramExit exit) {
        count(row -> row.run(exit));
    }

    /** Bytes of stored files have gone into a sandbox. */
    public void in(long bytes) {
        count(row -> row.in(bytes));
    }

    /** Bytes of files have come out of a sandbox. */
    public void out(long bytes) {
        count(row -> row.out(bytes));
    }

    /** A file was stored: an upload, or what a program has left. */
    public void file() {
        count(Totals::file);
    }

    /** A session was created. */
    public void session() {
        count(Totals::session);
    }

    /** Adds to {@code sum} what a tenant has used in this process in the hours from {@code first} to {@code last}. */
    synchronized void sum(String tenant, long first, long last, Totals sum) {
        for (Map<String, Totals> byTenant :
                hours.tailMap(first).headMap(last + 1).values()) {
            Totals row = byTenant.get(tenant);
            if (row != null) {
                sum.add(row);
            }
        }
    }

    /** Whether this process has counts of an hour in its memory. */
    synchronized boolean has(long hour) {
        return hours.containsKey(hour);
    }

    /** Hours that have changed since they were taken. */
    synchronized List<Long> changed() {
        return List.copyOf(changed);
    }

    /** A copy of an hour, which counts as unchanged from now on. */
    synchronized Map<String, Totals> takeChanged(long hour) {
        changed.remove(hour);
        Map<String, Totals> copy = new HashMap<>();
        hours.getOrDefault(hour, Map.of()).forEach((tenant, row) -> copy.put(tenant, row.copy()));
        return copy;
    }

    /** An hour that was taken has to be taken again. */
    synchronized void giveBack(long hour) {
        if (hours.containsKey(hour)) {
            changed.add(hour);
        }
    }

    Instant now() {
        return clock.instant();
    }

    Instant start() {
        return start;
    }
}
