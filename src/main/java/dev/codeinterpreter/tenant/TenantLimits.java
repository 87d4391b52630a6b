package dev.codeinterpreter.tenant;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a tenant may have at once or in a time; what is empty has no limit of the tenant's own.
 *
 * @param maxConcurrent operations that hold a permit, in this process
 * @param requestsPerMinute to this process
 * @param maxSessions on the engine, of all replicas
 * @param storageBytes of stored files
 * @param maxTimeout that a program may ask for
 * @param cpuSecondsPerHour of programs' processor time that this process has seen in the last hour
 */
public record TenantLimits(
        OptionalInt maxConcurrent,
        OptionalInt requestsPerMinute,
        OptionalInt maxSessions,
        OptionalLong storageBytes,
        Optional<Duration> maxTimeout,
        OptionalLong cpuSecondsPerHour) {

    public static final TenantLimits NONE = new TenantLimits(
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty());

    public TenantLimits {
        requireNonNull(maxConcurrent, "maxConcurrent is null");
        requireNonNull(requestsPerMinute, "requestsPerMinute is null");
        requireNonNull(maxSessions, "maxSessions is null");
        requireNonNull(storageBytes, "storageBytes is null");
        requireNonNull(maxTimeout, "maxTimeout is null");
        requireNonNull(cpuSecondsPerHour, "cpuSecondsPerHour is null");
    }
}
