package dev.codeinterpreter.usage;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counts for each tenant and hour what it uses, in this process, for the last 31 days.
 *
 * <p>INVARIANT: {@code this} guards {@code hours}, which has at most {@value #MAX_ROWS} rows in all; the oldest hour goes first.
 */
@SingleInstance
public class Usage {
    /** A row has some 200 bytes of heap. */
    private static final int MAX_ROWS = 50_000;

    private static final long HOUR = Duration.ofHours(1).toSeconds();
    private static final long KEPT_HOURS = Duration.ofDays(31).toHours();

    private final Clock clock;
    private final Instant start;
    /** By the number of the hour since 1970 and the tenant. */
    private final TreeMap<Long, Map<String, Totals>> hours = new TreeMap<>();

    private int rows;

    @Inject
    Usage(Clock clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /** Counts something of the caller's tenant. */
    synchronized void count(Consumer<Totals> what) {
        long hour = hourOf(clock.instant());
        Map<String, Totals> now = hours.computeIfAbsent(hour, number -> new HashMap<>());
        Totals row = now.computeIfAbsent(Caller.current().tenant(), tenant -> {
            rows++;
            return new Totals();
        });
        what.accept(row);
        while (hours.size() > 1 && (rows > MAX_ROWS || hours.firstKey() < hour - KEPT_HOURS)) {
            rows -= hours.pollFirstEntry().getValue().size();
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

    /**
     * What a tenant has used in the hours that begin from {@code since} on and before {@code until}; of the hour in which
     * {@code since} is, all.
     */
    synchronized UsageResponse of(String tenant, Instant since, Instant until) {
        Totals sum = new Totals();
        long first = hourOf(since);
        hours.tailMap(first).forEach((hour, row) -> {
            Totals own = row.get(tenant);
            if (own != null && hour * HOUR < until.getEpochSecond()) {
                sum.add(own);
            }
        });
        long counted = Math.max(first * HOUR, start.getEpochSecond());
        return sum.response(tenant, counted, until.getEpochSecond());
    }

    Instant now() {
        return clock.instant();
    }

    Instant start() {
        return start;
    }

    private static long hourOf(Instant moment) {
        return Math.floorDiv(moment.getEpochSecond(), HOUR);
    }
}
