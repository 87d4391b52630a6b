package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Tries a test with many seeds: first with those that are kept in {@code fuzz/NAME.seeds}, then with new ones, as many as
 * the test says or for {@code -Dfuzz.seconds}. A failure names its seed.
 */
public final class Fuzz {
    private Fuzz() {}

    /** One try; whatever it does must depend on {@code random} alone. */
    public interface Try {
        void with(Random random) throws Exception;
    }

    public static void run(String name, int count, Try one) {
        for (long seed : kept(name)) {
            run(name, seed, one);
        }
        long seconds = Long.getLong("fuzz.seconds", 0);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        SecureRandom fresh = new SecureRandom();
        long tried = 0;
        while (seconds > 0 ? System.nanoTime() < end : tried < count) {
            run(name, fresh.nextLong(), one);
            tried++;
        }
        System.out.printf("fuzz: %s with %d new seeds%n", name, tried);
    }

    private static void run(String name, long seed, Try one) {
        try {
            one.with(new Random(seed));
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed %d of %s: %s".formatted(seed, name, e.getMessage()), e);
        }
    }

    private static List<Long> kept(String name) {
        try (InputStream in = Objects.requireNonNull(
                Fuzz.class.getResourceAsStream("/dev/codeinterpreter/fuzz/%s.seeds".formatted(name)), name)) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .map(line -> Long.parseLong(line.strip()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
