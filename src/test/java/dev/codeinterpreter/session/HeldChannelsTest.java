package dev.codeinterpreter.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.fake.IdleChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeldChannelsTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final List<String> closed = new ArrayList<>();

    @Test
    void givesEachOnce() {
        HeldChannels held = new HeldChannels(2, LONG);
        SandboxChannel first = channel("first");
        held.put("a", first);
        assertThat(held.take("b")).isEmpty();
        assertThat(held.take("a").orElseThrow().channel()).isSameAs(first);
        assertThat(held.take("a")).isEmpty();
        assertThat(closed).isEmpty();
    }

    @Test
    void countsTheTimeOfOneThatWasNotUsedFromItsBeginning() {
        HeldChannels held = new HeldChannels(2, Duration.ofMillis(50));
        held.put("a", channel("a"));
        HeldChannels.Held waiting = held.take("a").orElseThrow();
        held.put("b", channel("b"));
        held.put("a", new HeldChannels.Held(waiting.channel(), waiting.since() - 50_000_000, false));
        held.expire();
        assertThat(closed).containsExactly("a");
    }

    @Test
    void holdsOneForEachSession() {
        HeldChannels held = new HeldChannels(2, LONG);
        held.put("a", channel("first"));
        held.put("a", channel("second"));
        assertThat(closed).containsExactly("second");
    }

    @Test
    void closesTheOldestBeyondItsBound() {
        HeldChannels held = new HeldChannels(2, LONG);
        List.of("a", "b", "c").forEach(session -> held.put(session, channel(session)));
        assertThat(closed).containsExactly("a");
        held.closeAll();
        assertThat(closed).containsExactly("a", "b", "c");
    }

    @Test
    void closesThoseThatWaitTooLong() {
        HeldChannels held = new HeldChannels(2, Duration.ZERO);
        held.put("a", channel("a"));
        held.expire();
        assertThat(closed).containsExactly("a");
        assertThat(held.take("a")).isEmpty();
        HeldChannels lasting = new HeldChannels(2, LONG);
        lasting.put("b", channel("b"));
        lasting.expire();
        assertThat(lasting.take("b")).isPresent();
    }

    private SandboxChannel channel(String name) {
        return new IdleChannel(() -> closed.add(name));
    }
}
