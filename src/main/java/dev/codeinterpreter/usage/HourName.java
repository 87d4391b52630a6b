package dev.codeinterpreter.usage;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of the object in which a process leaves what it has counted in an hour: {@code 2026-11-30T13~<process>}. In the
 * order of time.
 *
 * @param hour its number since 1970
 * @param process a UUID of one run of the service
 */
record HourName(long hour, String process) implements Comparable<HourName> {
    private static final Comparator<HourName> ORDER =
            Comparator.comparingLong(HourName::hour).thenComparing(HourName::process);
    private static final Pattern TEXT = Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT\\d\\d)~([0-9a-f-]{36})");
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    private static final long SECONDS = Duration.ofHours(1).toSeconds();

    /** The number of the hour in which {@code moment} is. */
    static long hourOf(Instant moment) {
        return Math.floorDiv(moment.getEpochSecond(), SECONDS);
    }

    /** When an hour begins, in seconds since 1970. */
    static long begin(long hour) {
        return Math.multiplyExact(hour, SECONDS);
    }

    /** What comes before all names of an hour, and after those of the hours before. */
    static String before(long hour) {
        return HOUR.format(LocalDateTime.ofEpochSecond(begin(hour), 0, ZoneOffset.UTC));
    }

    /** Empty when it is not one of ours. */
    static Optional<HourName> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            long seconds = LocalDateTime.parse(parts.group(1), HOUR).toEpochSecond(ZoneOffset.UTC);
            return Optional.of(new HourName(seconds / SECONDS, parts.group(2)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    String text() {
        return before(hour) + '~' + process;
    }

    @Override
    public int compareTo(HourName other) {
        return ORDER.compare(this, other);
    }
}
