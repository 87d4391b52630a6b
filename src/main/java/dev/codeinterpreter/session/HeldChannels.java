package dev.codeinterpreter.session;

import dev.codeinterpreter.sandbox.SandboxChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Channels to sessions that wait for the next command: starting a process in a container takes ten times as long as most
 * commands. One for each session, each for one command at a time; the caller of {@link #take} owns
 * what it gets.
 *
 * <p>INVARIANT: {@code this} guards {@code held} and {@code closed}.
 */
final class HeldChannels {
    /**
     * @param since when it began to wait, by {@link System#nanoTime}
     * @param greets whether it is new, and the runner's READY on it is unread
     */
    record Held(SandboxChannel channel, long since, boolean greets) {
        /** One that has just been made, for a command to come. */
        static Held fresh(SandboxChannel channel) {
            return new Held(channel, System.nanoTime(), true);
        }

        /** The same, once its READY has been read. */
        Held greeted() {
            return new Held(channel, since, false);
        }
    }

    private final int max;
    private final Duration maxIdle;
    private final Map<String, Held> held = new LinkedHashMap<>();
    private boolean closed;

    /**
     * @param max channels that wait; beyond it the one goes that has waited longest
     * @param maxIdle after which {@link #expire} closes one
     */
    HeldChannels(int max, Duration maxIdle) {
        this.max = max;
        this.maxIdle = maxIdle;
    }

    /** Holds a channel from now on; closes it if there is another one of this session. */
    void put(String session, SandboxChannel channel) {
        put(session, new Held(channel, System.nanoTime(), false));
    }

    /** Holds one again that was taken and not used: it has waited since it was put first. */
    void put(String session, Held again) {
        Held surplus = null;
        synchronized (this) {
            if (closed || held.containsKey(session)) {
                surplus = again;
            } else {
                held.put(session, again);
                if (held.size() > max) {
                    surplus = Collections.min(held.values(), Comparator.comparingLong(Held::since));
                    held.values().remove(surplus);
                }
            }
        }
        if (surplus != null) {
            surplus.channel().close();
        }
    }

    synchronized Optional<Held> take(String session) {
        return Optional.ofNullable(held.remove(session));
    }

    /** Closes those that have waited for too long. */
    void expire() {
        closeThose(waiting -> age(waiting) >= maxIdle.toNanos());
    }

    /** Closes all, and what is put afterwards. */
    void closeAll() {
        synchronized (this) {
            closed = true;
        }
        closeThose(waiting -> true);
    }

    private void closeThose(Predicate<Held> condition) {
        List<Held> chosen;
        synchronized (this) {
            chosen = held.values().stream().filter(condition).toList();
            held.values().removeAll(chosen);
        }
        chosen.forEach(waiting -> waiting.channel().close());
    }

    private static long age(Held waiting) {
        return System.nanoTime() - waiting.since();
    }
}
