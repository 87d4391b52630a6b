package dev.codeinterpreter.sandbox.docker;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as {@code docker run} reads them: {@code 512m}, {@code 1.5g}, {@code 64MB}, {@code 1048576}; units are of 1024. */
final class ByteSize {
    private static final Pattern FORM =
            Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,15})?) ?([kmgtp]?)i?b?", Pattern.CASE_INSENSITIVE);

    private ByteSize() {}

    /** @return bytes, rounded down; nothing when {@code text} is no size, or does not fit into 63 bits */
    static OptionalLong parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        int unit = " kmgtp".indexOf(matcher.group(2).toLowerCase(Locale.ROOT));
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(1L << (10 * unit)));
        return bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
                ? OptionalLong.empty()
                : OptionalLong.of(bytes.longValue());
    }
}
