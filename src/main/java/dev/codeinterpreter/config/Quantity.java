package dev.codeinterpreter.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as Kubernetes writes them. */
final class Quantity {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})(Ki|Mi|Gi|Ti|k|M|G|T|)");

    private Quantity() {}

    /** @throws IllegalArgumentException when {@code text} is not a size, or does not fit into 63 bits */
    static long parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size: " + text);
        }
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), factor(matcher.group(2)));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large: " + text, e);
        }
    }

    private static long factor(String suffix) {
        return switch (suffix) {
            case "k" -> 1_000L;
            case "M" -> 1_000_000L;
            case "G" -> 1_000_000_000L;
            case "T" -> 1_000_000_000_000L;
            case "Ki" -> 1L << 10;
            case "Mi" -> 1L << 20;
            case "Gi" -> 1L << 30;
            case "Ti" -> 1L << 40;
            default -> 1L;
        };
    }
}
