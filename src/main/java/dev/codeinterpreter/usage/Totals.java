package dev.codeinterpreter.usage;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.runner.ProgramExit;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What one tenant has used in a time. Guarded by its owner. */
final class Totals {
    /** Of one number in an object of another process: of a whole table of them the sum is a long. 100 TB in an hour. */
    private static final long MAX_VALUE = 100_000_000_000_000L;

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

    Totals copy() {
        Totals copy = new Totals();
        copy.add(this);
        return copy;
    }

    /** All of it, for {@link #of}. */
    JsonObject json(String tenant) {
        JsonObjectBuilder byName = Json.createObjectBuilder();
        runs.forEach((termination, count) -> byName.add(label(termination), count));
        return Json.createObjectBuilder()
                .add("tenant", tenant)
                .add("runs", byName)
                .add("cpu_ms", cpuMillis)
                .add("wall_ms", wallMillis)
                .add("peak_memory_bytes", peakMemory)
                .add("bytes_in", bytesIn)
                .add("bytes_out", bytesOut)
                .add("files", files)
                .add("sessions", sessions)
                .build();
    }

    /**
     * What another process has counted; what it does not name is zero.
     *
     * @throws RuntimeException when it is no such thing
     */
    static Totals of(JsonObject json) {
        Totals totals = new Totals();
        JsonObject byName = json.containsKey("runs") ? json.getJsonObject("runs") : JsonObject.EMPTY_JSON_OBJECT;
        for (ProgramExit.Termination termination : ProgramExit.Termination.values()) {
            if (byName.containsKey(label(termination))) {
                totals.runs.put(termination, number(byName, label(termination)));
            }
        }
        totals.cpuMillis = number(json, "cpu_ms");
        totals.wallMillis = number(json, "wall_ms");
        totals.peakMemory = number(json, "peak_memory_bytes");
        totals.bytesIn = number(json, "bytes_in");
        totals.bytesOut = number(json, "bytes_out");
        totals.files = number(json, "files");
        totals.sessions = number(json, "sessions");
        return totals;
    }

    private static long number(JsonObject json, String name) {
        JsonNumber number = json.getJsonNumber(name);
        long value = number == null ? 0 : number.longValueExact();
        if (value < 0 || value > MAX_VALUE) {
            throw new IllegalArgumentException("%s is %d".formatted(name, value));
        }
        return value;
    }

    private static String label(ProgramExit.Termination termination) {
        return termination.name().toLowerCase(Locale.ROOT);
    }

    /**
     * With every termination, at zero where there was none.
     *
     * @param of what was counted
     */
    UsageResponse response(String tenant, long since, long until, String of) {
        Map<String, Long> byName = new TreeMap<>();
        for (ProgramExit.Termination termination : ProgramExit.Termination.values()) {
            byName.put(label(termination), runs.getOrDefault(termination, 0L));
        }
        return new UsageResponse(
                tenant,
                since,
                until,
                of,
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
