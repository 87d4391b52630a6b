package dev.codeinterpreter.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.SessionGuard;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FrameOrderTest {
    /** 100 bytes of each stream, 3 files of 50 bytes each and 120 together, 3 results of 40 bytes together. */
    private static final RunnerConfig CONFIG = config(3);

    private static final Frame EXIT = new Frame.Exit(new ProgramExit(
            OptionalInt.of(0), ProgramExit.Termination.EXITED, Duration.ZERO, Duration.ZERO, 0, false, false, false));
    private static final Frame STARTED = new Frame.Started();
    private static final Frame VALUE = new Frame.Show(true);
    private static final Frame ABANDONED = new Frame.ShowEnd(false, true);
    private static final Frame DONE = new Frame.Done();
    private static final Frame SKIPPED = new Frame.Skipped("link", "symlink");
    private static final Frame PROBLEM = new Frame.Problem("no_space", "full");
    private static final Frame READY = new Frame.Ready(1, OptionalDouble.empty());

    private static RunnerConfig config(int files) {
        return new RunnerConfig(
                Map.of(),
                new ProgramConfinement(ProgramSockets.LOOPBACK, Map.of(), SessionGuard.UID),
                100,
                5,
                1000,
                files,
                50,
                120,
                new NotebookFeatures(3, 40, true),
                false);
    }

    static Stream<Arguments> allowed() {
        return Stream.of(
                run("nothing at all", STARTED, EXIT, DONE),
                run("output of both streams up to the limit", STARTED, stdout(60), stderr(100), stdout(40), EXIT, DONE),
                run("a file", STARTED, EXIT, file(50), data(20), data(30), DONE),
                run("an empty file", STARTED, EXIT, file(0), DONE),
                run(
                        "files up to the limits",
                        STARTED,
                        EXIT,
                        file(50),
                        data(50),
                        file(50),
                        data(50),
                        file(20),
                        data(20),
                        DONE),
                run("skipped entries between files", STARTED, EXIT, SKIPPED, file(1), data(1), SKIPPED, DONE),
                run("as many skipped entries as there are", exitAndSkipped(121)),
                run("nothing in what is shown", STARTED, show(), shown(), EXIT, DONE),
                run(
                        "what is shown up to the limits",
                        STARTED,
                        show(),
                        form(30),
                        data(10),
                        stdout(1),
                        data(20),
                        shown(),
                        stderr(1),
                        VALUE,
                        form(10),
                        data(10),
                        form(0),
                        shownFile(50),
                        data(50),
                        shownFile(50),
                        data(50),
                        shown(),
                        show(),
                        shown(),
                        EXIT,
                        file(20),
                        data(20),
                        DONE),
                run("what is shown in part", STARTED, show(), form(9), data(3), ABANDONED, show(), shown(), EXIT, DONE),
                run("a problem in what is shown", STARTED, show(), form(9), PROBLEM),
                run("a problem at first", PROBLEM),
                run("a problem right after the start", STARTED, PROBLEM),
                run("a problem while it runs", STARTED, stdout(1), PROBLEM),
                run("a problem while files come", STARTED, EXIT, file(2), data(1), PROBLEM));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allowed")
    void allows(String what, List<Frame> frames) throws RunnerProtocolException {
        FrameOrder order = new FrameOrder(CONFIG);
        for (Frame frame : frames) {
            assertThat(order.checked(frame)).isSameAs(frame);
        }
    }

    @Test
    void boundsThePathsOfAllFiles() throws RunnerProtocolException {
        FrameOrder order = new FrameOrder(config(100));
        order.checked(STARTED);
        order.checked(EXIT);
        Frame longest = new Frame.FileStart("é".repeat(2048), 0);
        for (int i = 0; i < 32; i++) {
            assertThat(order.checked(longest)).isSameAs(longest);
        }
        assertThatThrownBy(() -> order.checked(longest)).hasMessage("longer paths than the limit");
    }

    static Stream<Arguments> forbidden() {
        return Stream.of(
                lie("a second READY", READY),
                lie("code after READY", new Frame.Compiled(new byte[1])),
                lie("code after READY", STARTED, EXIT, new Frame.Compiled(new byte[1])),
                lie("a second READY", STARTED, READY),
                lie("a second start", STARTED, STARTED),
                lie("a second start", STARTED, stdout(1), STARTED),
                lie("a second start", STARTED, EXIT, STARTED),
                lie("a second start", STARTED, EXIT, DONE, STARTED),
                lie("output of no running program", stdout(1)),
                lie("output of no running program", stderr(1)),
                lie("an exit without a start", EXIT),
                lie("a second READY", STARTED, EXIT, READY),
                lie("output of no running program", STARTED, EXIT, stdout(1)),
                lie("output of no running program", STARTED, EXIT, stderr(1)),
                lie("output of no running program", STARTED, EXIT, DONE, stdout(1)),
                lie("no output, or more than the limit", STARTED, stdout(101)),
                lie("no output, or more than the limit", STARTED, stdout(100), stdout(1)),
                lie("no output, or more than the limit", STARTED, stderr(60), stdout(60), stderr(41)),
                lie("no output, or more than the limit", STARTED, stdout(0)),
                lie("no output, or more than the limit", STARTED, stderr(0)),
                lie("other data than announced", STARTED, EXIT, file(1), data(0)),
                lie("an exit without a start", STARTED, EXIT, EXIT),
                lie("an exit without a start", STARTED, EXIT, DONE, EXIT),
                lie("an exit without a start", STARTED, EXIT, file(1), EXIT),
                lie("something shown out of order", show()),
                lie("something shown out of order", STARTED, show(), show()),
                lie("something shown out of order", STARTED, EXIT, show()),
                lie("more shown than the limit", STARTED, show(), shown(), show(), ABANDONED, show(), shown(), show()),
                lie("a second value", STARTED, VALUE, ABANDONED, VALUE),
                lie("a form out of order", form(1)),
                lie("a form out of order", STARTED, form(1)),
                lie("a form out of order", STARTED, show(), form(2), data(1), form(1)),
                lie("a form out of order", STARTED, show(), shown(), form(1)),
                lie("a form out of order", shownForms(33)),
                lie("longer forms than the limit", STARTED, show(), form(41)),
                lie("longer forms than the limit", STARTED, show(), form(Long.MAX_VALUE)),
                lie("longer forms than the limit", STARTED, show(), form(30), data(1), ABANDONED, show(), form(11)),
                lie("a file over the limit", STARTED, show(), shownFile(51)),
                lie("a file over the limit", STARTED, show(), shownFile(0)),
                lie(
                        "more files than the limit",
                        STARTED,
                        show(),
                        shownFile(50),
                        data(50),
                        shownFile(50),
                        data(50),
                        shownFile(21)),
                lie(
                        "more files than the limit",
                        STARTED,
                        show(),
                        shownFile(50),
                        ABANDONED,
                        EXIT,
                        file(50),
                        data(50),
                        file(21)),
                lie("other data than announced", STARTED, show(), data(1)),
                lie("other data than announced", STARTED, show(), form(1), data(2)),
                lie("other data than announced", STARTED, show(), form(2), ABANDONED, data(1)),
                lie("the end of nothing that is shown", STARTED, shown()),
                lie("the end of nothing that is shown", STARTED, show(), form(2), data(1), shown()),
                lie("the end of nothing that is shown", STARTED, show(), shown(), ABANDONED),
                lie("an exit without a start", STARTED, show(), EXIT),
                lie("a file out of order", file(1)),
                lie("a file out of order", STARTED, file(1)),
                lie("a file out of order", STARTED, EXIT, file(2), data(1), file(1)),
                lie("a file out of order", STARTED, EXIT, DONE, file(1)),
                lie("a file over the limit", STARTED, EXIT, file(51)),
                lie("a file over the limit", STARTED, EXIT, file(Long.MAX_VALUE)),
                lie("more files than the limit", STARTED, EXIT, file(0), file(0), file(0), file(0)),
                lie("more files than the limit", STARTED, EXIT, file(50), data(50), file(50), data(50), file(21)),
                lie("other data than announced", data(1)),
                lie("other data than announced", STARTED, EXIT, data(1)),
                lie("other data than announced", STARTED, EXIT, file(0), data(1)),
                lie("other data than announced", STARTED, EXIT, file(2), data(3)),
                lie("other data than announced", STARTED, EXIT, file(2), data(2), data(1)),
                lie("other data than announced", STARTED, EXIT, DONE, data(1)),
                lie("a skipped entry out of order", SKIPPED),
                lie("a skipped entry out of order", STARTED, SKIPPED),
                lie("a skipped entry out of order", STARTED, EXIT, file(2), data(1), SKIPPED),
                lie("a skipped entry out of order", STARTED, EXIT, DONE, SKIPPED),
                lie("a skipped entry out of order", exitAndSkipped(122)),
                lie("done before the end", DONE),
                lie("done before the end", STARTED, DONE),
                lie("done before the end", STARTED, stdout(1), DONE),
                lie("done before the end", STARTED, EXIT, file(2), data(1), DONE),
                lie("done before the end", STARTED, EXIT, DONE, DONE),
                lie("a problem after the end", STARTED, EXIT, DONE, PROBLEM));
    }

    /** All but the last frame are fine. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("forbidden")
    void forbids(String violation, List<Frame> frames) throws RunnerProtocolException {
        FrameOrder order = new FrameOrder(CONFIG);
        for (Frame frame : frames.subList(0, frames.size() - 1)) {
            order.checked(frame);
        }
        assertThatThrownBy(() -> order.checked(frames.getLast()))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessage(violation);
    }

    private static Arguments run(String what, Frame... frames) {
        return Arguments.of(what, List.of(frames));
    }

    private static Arguments lie(String violation, Frame... frames) {
        return Arguments.of(violation, List.of(frames));
    }

    private static Frame[] exitAndSkipped(int count) {
        return Stream.concat(
                        Stream.of(STARTED, EXIT), Stream.generate(() -> SKIPPED).limit(count))
                .toArray(Frame[]::new);
    }

    private static Frame[] shownForms(int count) {
        return Stream.concat(
                        Stream.of(STARTED, show()),
                        Stream.generate(() -> form(0)).limit(count))
                .toArray(Frame[]::new);
    }

    private static Frame show() {
        return new Frame.Show(false);
    }

    private static Frame form(long size) {
        return new Frame.Form("text/html", size, Optional.empty());
    }

    private static Frame shownFile(long size) {
        return new Frame.Form("image/png", size, Optional.of("figure-1.png"));
    }

    private static Frame shown() {
        return new Frame.ShowEnd(true, false);
    }

    private static Frame stdout(int length) {
        return new Frame.Stdout(new byte[length]);
    }

    private static Frame stderr(int length) {
        return new Frame.Stderr(new byte[length]);
    }

    private static Frame file(long size) {
        return new Frame.FileStart("file", size);
    }

    private static Frame data(int length) {
        return new Frame.Data(new byte[length]);
    }
}
