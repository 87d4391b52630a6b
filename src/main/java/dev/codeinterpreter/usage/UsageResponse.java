package dev.codeinterpreter.usage;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.util.Map;

/**
 * What a tenant has used.
 *
 * @param since seconds since 1970: the beginning of an hour, or of this process
 * @param of what was counted: {@code process} is this replica since its start, {@code replicas} all that share its store
 * @param runs by termination
 */
@JsonbPropertyOrder({
    "tenant",
    "since",
    "until",
    "of",
    "runs",
    "cpuMillis",
    "wallMillis",
    "peakMemoryBytes",
    "bytesIn",
    "bytesOut",
    "files",
    "sessions"
})
public record UsageResponse(
        String tenant,
        long since,
        long until,
        String of,
        Map<String, Long> runs,
        @JsonbProperty("cpu_ms") long cpuMillis,
        @JsonbProperty("wall_ms") long wallMillis,
        @JsonbProperty("peak_memory_bytes") long peakMemoryBytes,
        @JsonbProperty("bytes_in") long bytesIn,
        @JsonbProperty("bytes_out") long bytesOut,
        long files,
        long sessions) {}
