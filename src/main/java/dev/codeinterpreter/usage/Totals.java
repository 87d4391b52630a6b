package dev.codeinterpreter.usage;

import dev.codeinterpreter.runner.ProgramExit;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What one tenant has used in a time. Guarded by its owner. */
final class Totals {
    private final Map<ProgramExit.Termination, Long> runs = new EnumMap<>(ProgramExit.Termination.class);
    private long cpuMillis;
    private long wallMillis;
    private long peakMemory;
    private long bytesIn;
    private long bytesOut;
    private long files;
    private long sessions;

    void run(ProgramExit exit) {
        runs.merge(exit.termination(), 1L, Long::sum);
        cpuMillis += exit.cpuTime().toMillis();
        wallMillis += exit.wallTime().toMillis();
        peakMemory = Math.max(peakMemory, exit.peakMemory());
    }

    void in(long bytes) {
        bytesIn += bytes;
    }

    void out(long bytes) {
        bytesOut += bytes;
    }

    void file() {
        files++;
    }

    void session() {
        sessions++;
    }

    void add(Totals other) {
        other.runs.forEach((termination, count) -> runs.merge(termination, count, Long::sum));
        cpuMillis += other.cpuMillis;
        wallMillis += other.wallMillis;
        peakMemory = Math.max(peakMemory, other.peakMemory);
        bytesIn += other.bytesIn;
        bytesOut += other.bytesOut;
        files += other.files;
        sessions += other.sessions;
    }

    /** With every termination, at zero where there was none. */
    UsageResponse response(String tenant, long since, long until) {
        Map<String, Long> byName = new TreeMap<>();
        for (ProgramExit.Termination termination : ProgramExit.Termination.values()) {
            byName.put(termination.name().toLowerCase(Locale.ROOT), runs.getOrDefault(termination, 0L));
        }
        return new UsageResponse(
                tenant,
                since,
                until,
                "process",
                byName,
                cpuMillis,
                wallMillis,
                peakMemory,
                bytesIn,
                bytesOut,
                files,
                sessions);
    }
}
