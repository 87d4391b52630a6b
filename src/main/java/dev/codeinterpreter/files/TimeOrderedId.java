package dev.codeinterpreter.files;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Ids that begin with their time (UUID version 7, RFC 9562): 48 bits of milliseconds, 74 random ones. As a key each is
 * written as its complement, so that what lists keys in their order lists the newest first.
 */
public final class TimeOrderedId {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{32}");
    private static final int DIGITS_OF_HALF = 16;

    private TimeOrderedId() {}

    /** A new one. */
    public static FileId at(Instant time) {
        long high = (time.toEpochMilli() << 16) | 0x7000 | (RANDOM.nextLong() & 0xFFF);
        long low = (RANDOM.nextLong() >>> 2) | 0x8000_0000_0000_0000L;
        return new FileId(new UUID(high, low));
    }

    /** When it was made, in milliseconds. Of another id anything. */
    public static Instant time(FileId id) {
        return Instant.ofEpochMilli(id.value().getMostSignificantBits() >>> 16);
    }

    /** 32 hexadecimal digits; those of a newer id come first. */
    public static String key(FileId id) {
        return key(id.value().getMostSignificantBits(), id.value().getLeastSignificantBits());
    }

    /** What comes directly before the keys of all ids that were made at {@code time} or before, and is no id's key. */
    public static String keyBefore(Instant time) {
        return key((time.toEpochMilli() << 16) | 0xFFFF, -1L);
    }

    /** The id whose key it is. */
    public static Optional<FileId> parse(String key) {
        if (!KEY.matcher(key).matches()) {
            return Optional.empty();
        }
        return Optional.of(new FileId(new UUID(
                ~HexFormat.fromHexDigitsToLong(key, 0, DIGITS_OF_HALF),
                ~HexFormat.fromHexDigitsToLong(key, DIGITS_OF_HALF, 2 * DIGITS_OF_HALF))));
    }

    private static String key(long high, long low) {
        return HexFormat.of().toHexDigits(~high) + HexFormat.of().toHexDigits(~low);
    }
}
