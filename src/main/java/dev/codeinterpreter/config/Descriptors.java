package dev.codeinterpreter.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many descriptors this process may have open. */
public final class Descriptors {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String NAME = "Max open files";
    /** What a login shell usually gives, for systems that do not say. */
    private static final int USUAL = 1024;

    private Descriptors() {}

    /** The limit in force: at most {@link Integer#MAX_VALUE}, and 1024 where the system does not say. */
    public static int max() {
        try {
            return Files.readAllLines(LIMITS).stream()
                    .filter(line -> line.startsWith(NAME))
                    .map(line -> line.substring(NAME.length()).strip().split("\\s+", 2)[0])
                    .mapToInt(soft -> soft.equals("unlimited") ? Integer.MAX_VALUE : clamped(soft))
                    .findFirst()
                    .orElse(USUAL);
        } catch (IOException | NumberFormatException e) {
            return USUAL;
        }
    }

    private static int clamped(String number) {
        return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(number));
    }
}
