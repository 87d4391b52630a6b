package dev.codeinterpreter.execution;

import static dev.codeinterpreter.execution.PendingEvents.Stream.STDERR;
import static dev.codeinterpreter.execution.PendingEvents.Stream.STDOUT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PendingEventsTest {
    private static final int LARGEST = 32 << 10;

    private final PendingEvents events = new PendingEvents();

    @Test
    void givesTheFirstOutputAtOnceAsOneLineOfCompactJson() throws InterruptedException {
        events.output(STDOUT, "a\n\"b\"".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo("""
                event: output
                data: {"stream":"stdout","data":"a\\n\\"b\\""}

                """);
    }

    @Test
    void waitsForOutput() throws Exception {
        FutureTask<String> next = new FutureTask<>(events::next);
        Thread reader = Thread.ofVirtual().start(next);
        while (reader.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        events.output(STDERR, "late".getBytes(UTF_8));
        assertThat(next.get()).isEqualTo(output("stderr", "late"));
    }

    @Test
    void putsTogetherWhatFollowsAnEvent() throws InterruptedException {
        events.output(STDOUT, "first".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "first"));
        long taken = System.nanoTime();
        events.output(STDOUT, "sec".getBytes(UTF_8));
        events.output(STDOUT, "ond".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "second"));
        // Half of the pause: it began a little before we looked at the clock.
        assertThat(Duration.ofNanos(System.nanoTime() - taken)).isGreaterThan(Duration.ofMillis(5));
    }

    @Test
    void letsNoStreamWaitForTheOther() throws InterruptedException {
        events.output(STDOUT, "out".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "out"));
        events.output(STDERR, "err".getBytes(UTF_8));
        events.output(STDOUT, "more".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stderr", "err"));
        assertThat(events.next()).isEqualTo(output("stdout", "more"));
    }

    @Test
    void cutsAFlood() throws InterruptedException {
        events.output(STDOUT, "x".repeat(2 * LARGEST + 1).getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "x".repeat(LARGEST)));
        assertThat(events.next()).isEqualTo(output("stdout", "x".repeat(LARGEST)));
        assertThat(events.next()).isEqualTo(output("stdout", "x"));
    }

    @Test
    void cutsNoCharacter() throws InterruptedException {
        events.output(STDOUT, ("x" + "\ud83d\ude00".repeat(LARGEST / 2)).getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "x" + "\ud83d\ude00".repeat(LARGEST / 2 - 1)));
        assertThat(events.next()).isEqualTo(output("stdout", "\ud83d\ude00"));
    }

    @Test
    void waitsForTheRestOfACharacter() throws InterruptedException {
        byte[] euro = "\u20ac".getBytes(UTF_8);
        events.output(STDOUT, new byte[] {euro[0], euro[1]});
        events.output(STDERR, "e".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stderr", "e"));
        events.output(STDOUT, new byte[] {euro[2]});
        assertThat(events.next()).isEqualTo(output("stdout", "\u20ac"));
    }

    @Test
    void escapesWhatSomeClientsTakeForEndsOfLines() throws InterruptedException {
        events.output(STDOUT, "\u2028\u2029\u0085".getBytes(UTF_8));
        events.end("result", "{\"path\":\"\u2028\u2029\u0085\"}");
        assertThat(events.next()).isEqualTo(output("stdout", "\\u2028\\u2029\\u0085"));
        assertThat(events.next()).isEqualTo("event: result\ndata: {\"path\":\"\\u2028\\u2029\\u0085\"}\n\n");
    }

    @Test
    void givesAllOutputBeforeTheLastEventAndNothingAfterIt() throws InterruptedException {
        events.output(STDERR, "err".getBytes(UTF_8));
        events.output(STDOUT, new byte[] {'o', (byte) 0xe2});
        events.end("error", "{}");
        List<String> all = new ArrayList<>();
        for (String event = events.next(); !event.isEmpty(); event = events.next()) {
            all.add(event);
        }
        assertThat(all)
                .containsExactly(output("stdout", "o\ufffd"), output("stderr", "err"), "event: error\ndata: {}\n\n");
        assertThat(events.next()).isEmpty();
    }

    @Test
    void saysOnceThatTheEndIsKnown() {
        AtomicInteger calls = new AtomicInteger();
        events.onEnd(calls::incrementAndGet);
        assertThat(calls).hasValue(0);
        events.end("result", "{}");
        assertThat(calls).hasValue(1);
    }

    @Test
    void saysAtOnceThatTheEndIsKnownAlready() {
        AtomicInteger calls = new AtomicInteger();
        events.end("result", "{}");
        events.onEnd(calls::incrementAndGet);
        assertThat(calls).hasValue(1);
    }

    private static String output(String stream, String data) {
        return "event: output\ndata: {\"stream\":\"%s\",\"data\":\"%s\"}\n\n".formatted(stream, data);
    }
}
