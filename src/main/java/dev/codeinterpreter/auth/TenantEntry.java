package dev.codeinterpreter.auth;

import dev.codeinterpreter.tenant.TenantLimits;
import jakarta.json.JsonNumber;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** The limits of a tenant, out of a file of keys. */
final class TenantEntry {
    private static final Set<String> MEMBERS = Set.of(
            "name",
            "max_concurrent",
            "requests_per_minute",
            "max_sessions",
            "storage_mb",
            "max_timeout_ms",
            "cpu_seconds_per_hour");

    private TenantEntry() {}

    static TenantLimits limits(KeyFile.Entry entry) throws KeyFileException {
        entry.allow(MEMBERS);
        OptionalLong storage = number(entry, "storage_mb", 0, 1 << 30);
        OptionalLong timeout = number(entry, "max_timeout_ms", 1, 86_400_000);
        return new TenantLimits(
                integer(entry, "max_concurrent", 1, 10_000),
                integer(entry, "requests_per_minute", 1, 1_000_000),
                integer(entry, "max_sessions", 0, 10_000),
                storage.isEmpty() ? storage : OptionalLong.of(storage.getAsLong() << 20),
                timeout.stream().mapToObj(Duration::ofMillis).findFirst(),
                number(entry, "cpu_seconds_per_hour", 1, 1L << 40));
    }

    private static OptionalInt integer(KeyFile.Entry entry, String member, int least, int most)
            throws KeyFileException {
        OptionalLong number = number(entry, member, least, most);
        return number.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) number.getAsLong());
    }

    private static OptionalLong number(KeyFile.Entry entry, String member, long least, long most)
            throws KeyFileException {
        JsonValue value = entry.json().getOrDefault(member, JsonValue.NULL);
        if (value.equals(JsonValue.NULL)) {
            return OptionalLong.empty();
        }
        if (value instanceof JsonNumber number && number.isIntegral()) {
            try {
                long exact = number.longValueExact();
                if (exact >= least && exact <= most) {
                    return OptionalLong.of(exact);
                }
            } catch (ArithmeticException e) {
                // More digits than any limit has.
                throw outOfRange(entry, member, least, most);
            }
        }
        throw outOfRange(entry, member, least, most);
    }

    private static KeyFileException outOfRange(KeyFile.Entry entry, String member, long least, long most) {
        return entry.wrong(member, "must be a whole number from %d to %d".formatted(least, most));
    }
}
