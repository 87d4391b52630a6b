package dev.codeinterpreter.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/**
 * Typed reads of MicroProfile Config by the name of the environment variable. An empty value means the default. A value
 * that does not parse is remembered as one line naming the variable, the value and what it accepts, and the default is
 * given in its place; {@link #verify()} then refuses the start with all those lines.
 */
public final class Settings {
    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");
    private static final long MAX_SIZE = 1L << 40;

    private final Function<String, Optional<String>> source;
    /** In the order of their discovery. */
    private final Set<String> problems = new LinkedHashSet<>();

    private final Set<String> warnings = new LinkedHashSet<>();

    public Settings(Config config) {
        this(name -> config.getOptionalValue(name, String.class).or(() -> emptyText(config, name)));
    }

    /** Reads from {@code source}, which knows a variable's text or nothing. */
    public Settings(Function<String, Optional<String>> source) {
        this.source = source;
    }

    public String text(String name, String defaultValue) {
        return value(name).orElse(defaultValue);
    }

    public Optional<String> optionalText(String name) {
        return value(name);
    }

    /** Of a file or a directory, which may not be there. */
    public Optional<Path> optionalPath(String name) {
        return optional(name, "the path of a file", Path::of);
    }

    /** Whether the variable is set, and to nothing: for the few where that means something other than the default. */
    public boolean isEmpty(String name) {
        return source.apply(name).filter(String::isBlank).isPresent();
    }

    /** A whole number between {@code least} and {@code most}, both included. */
    public int integer(String name, int defaultValue, int least, int most) {
        return (int) wholeNumber(name, defaultValue, least, most);
    }

    /** Like {@link #integer}, but less than {@code least} counts as {@code least}, with a warning. */
    public int integerAtLeast(String name, int defaultValue, int least, int most) {
        return (int) wholeNumber(name, defaultValue, least, most, number -> {
            if (number < least) {
                warnings.add(clamped(name, Long.toString(number), Integer.toString(least)));
                return (long) least;
            }
            return number;
        });
    }

    /** Megabytes (of 1024 * 1024 bytes), given in bytes. */
    public long megabytes(String name, int defaultValue, int least) {
        return wholeNumber(name, defaultValue, least, 1 << 30) << 20;
    }

    /** Seconds, a fraction allowed. */
    public Duration seconds(String name, double defaultValue, double least, double most) {
        return duration(decimal(name, defaultValue, least, most));
    }

    /** Like {@link #seconds}, but less than {@code least} counts as {@code instead}, with a warning. */
    public Duration secondsAtLeast(String name, double defaultValue, double least, double most, double instead) {
        return duration(decimal(name, defaultValue, least, most, number -> {
            if (number < least) {
                warnings.add(clamped(name, plain(number), plain(instead)));
                return instead;
            }
            return number;
        }));
    }

    /** A size as Kubernetes writes it ({@code 256Mi}, {@code 1G}, {@code 1048576}), in bytes; at most 1 TiB. */
    public long bytes(String name, String defaultValue, long least) {
        long fallback = Quantity.parse(defaultValue);
        return parsed(name, fallback, "a size from %d bytes to 1Ti such as %s".formatted(least, defaultValue), text -> {
            long bytes = Quantity.parse(text);
            if (bytes < least || bytes > MAX_SIZE) {
                throw new IllegalArgumentException();
            }
            return bytes;
        });
    }

    /** A decimal number, such as a share of processors. */
    public double decimal(String name, double defaultValue, double least, double most) {
        return decimal(name, defaultValue, least, most, DoubleUnaryOperator.identity());
    }

    /** One of the {@code type}'s names, in any case. */
    public <E extends Enum<E>> E choice(String name, Class<E> type, E defaultValue) {
        String names = Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
        return parsed(name, defaultValue, "one of " + names, text -> Enum.valueOf(type, text.toUpperCase(Locale.ROOT)));
    }

    /** {@code true} or {@code false}, in any case. */
    public boolean flag(String name, boolean defaultValue) {
        return parsed(name, defaultValue, "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes" -> true;
            case "false", "0", "no" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    /** Words between commas. */
    public List<String> words(String name, String defaultValue) {
        return Arrays.stream(value(name).orElse(defaultValue).split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** Any other type; {@code accepts} completes the sentence "... must be". */
    public <T> T parsed(String name, T defaultValue, String accepts, Function<String, T> parser) {
        Optional<String> text = value(name);
        if (text.isEmpty()) {
            return defaultValue;
        }
        try {
            return parser.apply(text.get());
        } catch (IllegalArgumentException e) {
            problem("%s must be %s, not '%s'".formatted(name, accepts, text.get()));
            return defaultValue;
        }
    }

    /** As {@link #parsed}; empty when the variable is not set. */
    public <T> Optional<T> optional(String name, String accepts, Function<String, T> parser) {
        return parsed(name, Optional.empty(), accepts, text -> Optional.of(parser.apply(text)));
    }

    /** For {@link #parsed}: {@code text}; throws IllegalArgumentException unless all of it matches. */
    public static String matching(Pattern form, String text) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    /** Remembers a rule that several variables break together; {@code line} may quote them, and stays one line. */
    public void problem(String line) {
        problems.add(line.replaceAll("\\p{Cntrl}", "?"));
    }

    /** Remembers what is accepted and most likely not meant, for the log at the start. */
    public void warning(String line) {
        warnings.add(line);
    }

    /** One line for each value that was replaced by the nearest that makes sense, or has no effect. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** @throws InvalidSettingsException when a value did not parse */
    public void verify() {
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(List.copyOf(problems));
        }
    }

    /** MicroProfile Config has no value where a variable is empty, as where there is none. Its sources know. */
    private static Optional<String> emptyText(Config config, String name) {
        return StreamSupport.stream(config.getConfigSources().spliterator(), false)
                .map(source -> Optional.ofNullable(source.getValue(name)))
                .flatMap(Optional::stream)
                .findFirst()
                .filter(String::isBlank);
    }

    private Optional<String> value(String name) {
        return source.apply(name).map(String::strip).filter(text -> !text.isEmpty());
    }

    private long wholeNumber(String name, long defaultValue, long least, long most) {
        return wholeNumber(name, defaultValue, least, most, LongUnaryOperator.identity());
    }

    /** @param clamp what a number counts as, before the bounds are applied */
    private long wholeNumber(String name, long defaultValue, long least, long most, LongUnaryOperator clamp) {
        return parsed(name, defaultValue, "a whole number from %d to %d".formatted(least, most), text -> {
            if (!WHOLE.matcher(text).matches()) {
                throw new IllegalArgumentException();
            }
            long number = clamp.applyAsLong(Long.parseLong(text));
            if (number < least || number > most) {
                throw new IllegalArgumentException();
            }
            return number;
        });
    }

    /** @param clamp what a number counts as, before the bounds are applied */
    private double decimal(String name, double defaultValue, double least, double most, DoubleUnaryOperator clamp) {
        return parsed(
                name,
                defaultValue,
                "a number from %s to %s".formatted(plain(least), plain(most)),
                text -> within(clamp.applyAsDouble(number(text)), least, most));
    }

    private static String clamped(String name, String given, String used) {
        return "%s is %s, which is too little: %s is used".formatted(name, given, used);
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    private static double number(String text) {
        // Java's own notations ("30d", "0x1p3") would be read as something that nobody meant.
        if (!DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException();
        }
        return Double.parseDouble(text);
    }

    private static double within(double number, double least, double most) {
        // Written so that NaN is refused too.
        if (!(number >= least && number <= most)) {
            throw new IllegalArgumentException();
        }
        return number;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
