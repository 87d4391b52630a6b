package dev.codeinterpreter.session;

import dev.codeinterpreter.sandbox.SandboxChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Channels to sessions that wait for the next command: starting a process in a container takes ten times as long as most
 * commands. One for each session, each for one command at a time; whoever takes one owns it.
 *
 * <p>INVARIANT: {@code this} guards {@code held}, in the order in which they began to wait, and {@code closed}.
 */
final class HeldChannels {
    /** @param since when it began to wait, by {@link System#nanoTime} */
    record Held(SandboxChannel channel, long since) {}

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
        put(session, new Held(channel, System.nanoTime()));
    }

    /** Holds one again that was taken and not used: it has waited since it was put first. */
    void put(String session, Held again) {
        SandboxChannel surplus = null;
        synchronized (this) {
            if (closed || held.containsKey(session)) {
                surplus = again.channel();
            } else {
                if (held.size() >= max) {
                    surplus = removeFirst();
                }
                // Before those that began to wait later, or these would keep it from expiring.
                List<Map.Entry<String, Held>> later = held.entrySet().stream()
                        .filter(entry -> entry.getValue().since() - again.since() > 0)
                        .map(Map.Entry::copyOf)
                        .toList();
                held.put(session, again);
                later.forEach(entry -> {
                    held.remove(entry.getKey());
                    held.put(entry.getKey(), entry.getValue());
                });
            }
        }
        if (surplus != null) {
            surplus.close();
        }
    }

    synchronized Optional<Held> take(String session) {
        return Optional.ofNullable(held.remove(session));
    }

    /** Closes those that have waited for too long. */
    void expire() {
        List<SandboxChannel> old = new ArrayList<>();
        synchronized (this) {
            while (!held.isEmpty()
                    && System.nanoTime() - held.values().iterator().next().since() >= maxIdle.toNanos()) {
                old.add(removeFirst());
            }
        }
        old.forEach(SandboxChannel::close);
    }

    /** Closes all, and what is put afterwards. */
    void closeAll() {
        List<SandboxChannel> all = new ArrayList<>();
        synchronized (this) {
            closed = true;
            while (!held.isEmpty()) {
                all.add(removeFirst());
            }
        }
        all.forEach(SandboxChannel::close);
    }

    private SandboxChannel removeFirst() {
        Iterator<Held> values = held.values().iterator();
        SandboxChannel first = values.next().channel();
        values.remove();
        return first;
    }
}
