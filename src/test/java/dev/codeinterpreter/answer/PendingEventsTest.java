package dev.codeinterpreter.answer;

import static dev.codeinterpreter.answer.PendingEvents.Stream.STDERR;
import static dev.codeinterpreter.answer.PendingEvents.Stream.STDOUT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PendingEventsTest {
    private static final int MAX_EVENT_BYTES = 32 << 10;
    private static final Duration KEEP_ALIVE = Duration.ofMinutes(1);

    @TempDir
    Path directory;

    private final StorageBudget budget = new StorageBudget(64 << 20, 16 << 20, 800);
    private PendingEvents events;

    @BeforeEach
    void open() {
        events = open(budget);
    }

    @AfterEach
    void close() {
        events.close();
        assertThat(budget.outputs().bytes()).isZero();
        assertThat(budget.outputs().openFiles()).isZero();
        assertThat(budget.outputs().heap().used()).isZero();
    }

    @Test
    void givesTheFirstOutputAtOnceAsOneLineOfCompactJson() throws InterruptedException {
        events.output(STDOUT, "a\n\"b\"".getBytes(UTF_8));
        assertThat(events.next()).isEqualTo("""
                event: output
                data: {"stream":"stdout","data":"a\\n\\"b\\""}

                """);
    }

    @Test
    void countsAnEventUntilTheOneAfterItIsWritten() throws InterruptedException {
        events.output(STDOUT, new byte[MAX_EVENT_BYTES]);
        long first = 2L * events.next().length();
        events.output(STDERR, "a".getBytes(UTF_8));
        assertThat(events.next()).contains("stderr");
        assertThat(budget.outputs().heap().used()).isGreaterThanOrEqualTo(first);
        events.output(STDERR, "b".getBytes(UTF_8));
        assertThat(events.next()).contains("stderr");
        assertThat(budget.outputs().heap().used()).isLessThan(first);
    }

    @Test
    void probesBetweenEventsOnly() throws InterruptedException {
        events.probe();
        assertThat(events.next()).isEqualTo(":\n\n");
        events.end("result", "\"%s\"".formatted("x".repeat(2 * MAX_EVENT_BYTES)));
        StringBuilder end = new StringBuilder(events.next());
        events.probe();
        for (String part = events.next(); !part.isEmpty(); part = events.next()) {
            end.append(part);
        }
        assertThat(end.toString())
                .isEqualTo("event: result\ndata: \"%s\"\n\n".formatted("x".repeat(2 * MAX_EVENT_BYTES)));
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
    void commentsWhileNothingHappens() throws InterruptedException {
        try (PendingEvents silent = new PendingEvents(new SpoolDirectory(directory, budget), Duration.ofMillis(20))) {
            assertThat(silent.next()).isEqualTo(": still running\n\n");
            assertThat(silent.next()).isEqualTo(": still running\n\n");
            silent.output(STDOUT, "at last".getBytes(UTF_8));
            assertThat(silent.next()).isEqualTo(output("stdout", "at last"));
        }
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
    void keepsWhatIsShownInOrderWithTheOutput() throws InterruptedException {
        events.output(STDOUT, "a".getBytes(UTF_8));
        events.output(STDERR, "b".getBytes(UTF_8));
        show("1");
        show("2");
        events.output(STDOUT, "c".getBytes(UTF_8));
        show("3");
        assertThat(events.next()).isEqualTo(output("stdout", "a"));
        assertThat(events.next()).isEqualTo(output("stderr", "b"));
        assertThat(events.next()).isEqualTo("event: display\ndata: 1\n\n");
        assertThat(events.next()).isEqualTo("event: display\ndata: 2\n\n");
        assertThat(events.next()).isEqualTo(output("stdout", "c"));
        assertThat(events.next()).isEqualTo("event: display\ndata: 3\n\n");
    }

    @Test
    void showsNothingInTheMiddleOfACharacterAndOfAnEvent() throws InterruptedException {
        String large = "\"%s\"".formatted("é".repeat(3 * MAX_EVENT_BYTES));
        events.output(STDOUT, new byte[] {'x', (byte) 0xC3});
        show(large);
        events.output(STDOUT, new byte[] {(byte) 0xA9});
        events.end("result", "{}");
        assertThat(events.next()).isEqualTo(output("stdout", "x"));
        StringBuilder shown = new StringBuilder();
        while (shown.indexOf("\n\n") < 0) {
            events.probe();
            shown.append(events.next());
        }
        assertThat(shown.toString()).isEqualTo("event: display\ndata: " + large + "\n\n");
        assertThat(events.next()).isEqualTo(output("stdout", "é"));
        assertThat(events.next()).isEqualTo("event: result\ndata: {}\n\n");
        assertThat(events.next()).isEmpty();
    }

    private void show(String json) {
        try (SpillBuffer buffer = new SpoolDirectory(directory, budget).overflow()) {
            buffer.write(json.getBytes(UTF_8));
            events.show(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of two megabytes a part waits in the heap and the rest on disk, and an event may be in both. */
    @Test
    void keepsEventsWholeThatWaitInTwoPlaces() throws InterruptedException {
        String large = "\"%s\"".formatted("x".repeat(100_000));
        for (int i = 0; i < 20; i++) {
            show(large);
            events.output(STDOUT, new byte[] {'a'});
        }
        events.end("result", "{}");
        StringBuilder sent = new StringBuilder();
        for (String part = events.next(); !part.isEmpty(); part = events.next()) {
            sent.append(part);
        }
        assertThat(sent.toString())
                .isEqualTo(("event: display\ndata: " + large + "\n\n" + output("stdout", "a")).repeat(20)
                        + "event: result\ndata: {}\n\n");
    }

    @Test
    void cutsAFlood() throws InterruptedException {
        events.output(STDOUT, "x".repeat(2 * MAX_EVENT_BYTES + 1).getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "x".repeat(MAX_EVENT_BYTES)));
        assertThat(events.next()).isEqualTo(output("stdout", "x".repeat(MAX_EVENT_BYTES)));
        assertThat(events.next()).isEqualTo(output("stdout", "x"));
    }

    @Test
    void cutsNoCharacter() throws InterruptedException {
        events.output(STDOUT, ("x" + "\ud83d\ude00".repeat(MAX_EVENT_BYTES / 4)).getBytes(UTF_8));
        assertThat(events.next()).isEqualTo(output("stdout", "x" + "\ud83d\ude00".repeat(MAX_EVENT_BYTES / 4 - 1)));
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

    @Test
    void losesNothingForAClientThatReadsLate() throws InterruptedException {
        String line = "\u20ac\u0000\ud83d\ude00 ".repeat(1000);
        for (int i = 0; i < 100; i++) {
            events.output(STDOUT, line.getBytes(UTF_8));
            events.output(STDERR, "e".getBytes(UTF_8));
        }
        events.end("result", "{\"path\":\"" + line.repeat(20) + "\"}");
        assertThat(budget.outputs().heap().used()).isLessThan(300_000);
        StringBuilder all = new StringBuilder();
        StringBuilder last = new StringBuilder();
        for (String event = events.next(); !event.isEmpty(); event = events.next()) {
            String prefix = "event: output\ndata: {\"stream\":\"stdout\",\"data\":\"";
            if (event.startsWith(prefix)) {
                all.append(event, prefix.length(), event.length() - 4);
            } else if (!event.startsWith("event: output")) {
                last.append(event);
            }
        }
        assertThat(all.toString()).isEqualTo(line.repeat(100).replace("\u0000", "\\u0000"));
        assertThat(last.toString()).isEqualTo("event: result\ndata: {\"path\":\"" + line.repeat(20) + "\"}\n\n");
        assertThat(events.isCut(STDOUT)).isFalse();
    }

    /** A megabyte each, of which the heap has little: 45 of them ended a service with a heap of 256 MB. */
    @Test
    void boundsTheHeapOfAllStreamsTogether() throws InterruptedException {
        byte[] wide = ("\u20ac" + "\u0000".repeat(1_000_000)).getBytes(UTF_8);
        List<PendingEvents> streams = new ArrayList<>();
        long largest = 0;
        for (int i = 0; i < 15; i++) {
            PendingEvents stream = open(budget);
            streams.add(stream);
            stream.output(STDOUT, wide);
            largest = Math.max(largest, stream.next().length());
        }
        assertThat(budget.outputs().heap().used()).isBetween(1L, 1L << 20);
        assertThat(budget.outputs().bytes()).isBetween(14_000_000L, 15_000_100L);
        assertThat(largest).as("of an event that the heap has room for").isGreaterThan(150_000);
        assertThat(streams.getLast().next()).as("of one for which it has none").hasSizeLessThan(7000);
        streams.forEach(PendingEvents::close);
    }

    @Test
    void cutsWhatDoesNotFitAndStillEnds() throws InterruptedException {
        try (PendingEvents full = open(new StorageBudget(1 << 20, 0, 800))) {
            full.output(STDOUT, "x".repeat(200 << 10).getBytes(UTF_8));
            full.output(STDOUT, "y".repeat(200 << 10).getBytes(UTF_8));
            full.output(STDOUT, "z".getBytes(UTF_8));
            assertThat(full.isCut(STDOUT)).isTrue();
            assertThat(full.isCut(STDERR)).isFalse();
            full.end("result", "{\"long\":\"%s\"}".formatted("r".repeat(100 << 10)));
            StringBuilder all = new StringBuilder();
            for (String event = full.next(); !event.isEmpty(); event = full.next()) {
                all.append(event);
            }
            assertThat(all).contains("xxx").doesNotContain("y", "z");
            assertThat(all.toString())
                    .endsWith(
                            "event: error\ndata: {\"message\":\"The result is too large for the storage that is left\",\"code\":\"storage_full\"}\n\n");
        }
    }

    /** The same storage holds the list, its event, and what is shown and not sent yet. */
    @Test
    void leavesOutOfTheResultWhatHasNoRoomThere() throws InterruptedException {
        StorageBudget small = new StorageBudget(1 << 20, 0, 800);
        String shown = "x".repeat(60 << 10);
        try (PendingEvents full = open(small);
                ShownResults results = new ShownResults(new SpoolDirectory(directory, small)::overflow)) {
            try (SpillBuffer form = new SpoolDirectory(directory, small).overflow()) {
                form.write(shown.getBytes(UTF_8));
                results.add(new ShownItem(false, Map.of("text/plain", form), List.of(), false), full::show);
            }
            results.finish();
            full.output(STDOUT, "y".repeat(100 << 10).getBytes(UTF_8));
            full.end(Json.createObjectBuilder().add("exit_code", 0).build(), results);
            StringBuilder all = new StringBuilder();
            for (String event = full.next(); !event.isEmpty(); event = full.next()) {
                all.append(event);
            }
            assertThat(all.toString())
                    .contains("event: display\n", shown)
                    .endsWith("event: result\ndata: {\"exit_code\":0,\"results\":[]}\n\n");
        }
    }

    private PendingEvents open(StorageBudget budget) {
        return new PendingEvents(new SpoolDirectory(directory, budget), KEEP_ALIVE);
    }

    private static String output(String stream, String data) {
        return "event: output\ndata: {\"stream\":\"%s\",\"data\":\"%s\"}\n\n".formatted(stream, data);
    }
}
