package dev.codeinterpreter.runner;

import static dev.codeinterpreter.runner.FrameBytes.EXIT;
import static dev.codeinterpreter.runner.FrameBytes.FORM;
import static dev.codeinterpreter.runner.FrameBytes.READY;
import static dev.codeinterpreter.runner.FrameBytes.SHOW;
import static dev.codeinterpreter.runner.FrameBytes.SHOWN;
import static dev.codeinterpreter.runner.FrameBytes.SHOWN_FILE;
import static dev.codeinterpreter.runner.FrameBytes.concat;
import static dev.codeinterpreter.runner.FrameBytes.data;
import static dev.codeinterpreter.runner.FrameBytes.done;
import static dev.codeinterpreter.runner.FrameBytes.exit;
import static dev.codeinterpreter.runner.FrameBytes.file;
import static dev.codeinterpreter.runner.FrameBytes.frame;
import static dev.codeinterpreter.runner.FrameBytes.header;
import static dev.codeinterpreter.runner.FrameBytes.ready;
import static dev.codeinterpreter.runner.FrameBytes.skipped;
import static dev.codeinterpreter.runner.FrameBytes.started;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SessionGuard;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The conversation, with runners that keep to the protocol and many that do not. */
@Timeout(120)
class RunnerChannelTest {
    private static final int OUTPUT = 200_000;
    private static final int FILES = 10;
    private static final int FILE = 150_000;
    private static final int TOTAL = 300_000;
    private static final int SKIPPED = 121;
    private static final int RESULTS = 20;
    private static final int RESULT_BYTES = 100_000;
    private static final RunnerConfig CONFIG = new RunnerConfig(
            Map.of("LANG", "C.UTF-8"),
            new ProgramConfinement(ProgramSockets.LOOPBACK, Map.of(), SessionGuard.UID),
            OUTPUT,
            5,
            1 << 20,
            FILES,
            FILE,
            TOTAL,
            new NotebookFeatures(RESULTS, RESULT_BYTES, true),
            false);

    private static final byte[] WHOLE_RUN = concat(
            ready(),
            started(),
            frame('O', "out"),
            frame('e', "err"),
            frame('X', SHOW),
            frame('x', FORM),
            data(4),
            frame('x', SHOWN_FILE),
            data(5),
            frame('y', SHOWN),
            exit(),
            file("a", 3),
            data(3),
            skipped("b"),
            file("c", 0),
            done());

    @Test
    void readsAWholeRun() throws IOException {
        Totals totals = converse(new ByteArrayInputStream(WHOLE_RUN));
        assertThat(totals).isEqualTo(new Totals(3, 3, 3, 12, 1));
    }

    @Test
    void pingsARunnerThatAnswersAndNoOther() throws IOException {
        RunnerChannel.open(new FakeChannel(concat(ready(), FrameBytes.pong())), CONFIG)
                .ping();
        for (byte[] answer : new byte[][] {frame('Z', ""), frame('O', "x"), {}}) {
            RunnerChannel channel = RunnerChannel.open(new FakeChannel(concat(ready(), answer)), CONFIG);
            assertThatThrownBy(channel::ping).isInstanceOf(IOException.class);
        }
    }

    @Test
    void saysWhatTheRunnerSaidWhenItWasReady() throws IOException {
        assertThat(RunnerChannel.open(new FakeChannel(ready()), CONFIG).ready())
                .isEqualTo(new Frame.Ready(1, OptionalDouble.empty()));
    }

    /** Programs have been there before us. */
    @Test
    void takesNoCodeFromASessionThatRuns() {
        assertThatThrownBy(() -> RunnerChannel.join(new FakeChannel(concat(frame('M', "code"), ready())), CONFIG))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessageStartingWith("expected READY");
    }

    @Test
    void sendsTheRunnerItsConfigurationAndWork() throws IOException {
        FakeChannel sandbox = new FakeChannel(ready());
        RunnerChannel channel = RunnerChannel.open(sandbox, CONFIG);
        byte[] large = new byte[100_000];
        new Random(1).nextBytes(large);
        channel.stage("pkg/ä.bin", large.length, new ByteArrayInputStream(large));
        channel.stage("empty", 0, InputStream.nullInputStream());
        channel.run(Duration.ofMillis(1500), true, true, new ByteArrayInputStream("input".getBytes(UTF_8)));

        DataInputStream sent = sandbox.sent();
        sent.skipNBytes(sent.readInt()); // compiled, if another test has had it reported
        List<String> modules = new ArrayList<>();
        for (int count = sent.readInt(); count > 0; count--) {
            modules.add(new String(sent.readNBytes(sent.readInt()), UTF_8));
            sent.skipNBytes(sent.readInt());
        }
        assertThat(modules)
                .startsWith("sandbox_runner.plain")
                .endsWith("sandbox_runner.main")
                .noneMatch(name -> name.contains("session"));
        assertThat(json(sent, 'C'))
                .containsEntry("protocol", Json.createValue(1))
                .containsEntry("output_bytes", Json.createValue(OUTPUT))
                .containsEntry("results", Json.createValue(RESULTS))
                .containsEntry("result_bytes", Json.createValue(RESULT_BYTES))
                .containsEntry("notebook", JsonValue.TRUE)
                .containsEntry(
                        "env", Json.createObjectBuilder().add("LANG", "C.UTF-8").build());
        JsonObject announced = json(sent, 'F');
        assertThat(announced.getString("path")).isEqualTo("pkg/ä.bin");
        assertThat(announced.getInt("size")).isEqualTo(large.length);
        assertThat(concat(payload(sent, 'D'), payload(sent, 'D'))).isEqualTo(large);
        assertThat(json(sent, 'F').getString("path")).isEqualTo("empty");
        JsonObject run = json(sent, 'R');
        assertThat(run.getInt("timeout_ms")).isEqualTo(1500);
        assertThat(run.getBoolean("last_line_interactive")).isTrue();
        assertThat(run.getBoolean("results")).isTrue();
        assertThat(payload(sent, 'I')).asString(UTF_8).isEqualTo("input");
        assertThat(payload(sent, 'E')).isEmpty();
        assertThat(sent.read()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 100_000})
    void stagesNoFileThatDiffersFromItsSize(int size) throws IOException {
        RunnerChannel channel = RunnerChannel.open(new FakeChannel(ready()), CONFIG);
        assertThatThrownBy(() -> channel.stage("x", size, new ByteArrayInputStream(new byte[3])))
                .isInstanceOf(IOException.class)
                .hasMessage("x: %d bytes were announced".formatted(size));
    }

    static Stream<Arguments> wrongGreetings() {
        return Stream.of(
                lie("says something else first", exit()),
                lie("says it is done", done()),
                lie("prints something", "Traceback (most recent call last):\n".getBytes(UTF_8)),
                lie("speaks an older protocol", frame('Y', READY.replace("\"protocol\":1", "\"protocol\":0"))),
                lie("speaks a newer protocol", frame('Y', READY.replace("\"protocol\":1", "\"protocol\":2"))),
                lie("has a problem", frame('P', "{\"reason\":\"incompatible\",\"message\":\"root\"}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongGreetings")
    void refusesAGreetingThatIsNotOurRunners(String what, byte[] greeting) {
        assertThatThrownBy(() -> RunnerChannel.open(new FakeChannel(concat(greeting, WHOLE_RUN)), CONFIG))
                .isInstanceOf(RunnerProtocolException.class);
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                lie("4 GiB of output", started(), header('O', -1), new byte[1000]),
                lie("2 GiB of data", started(), exit(), file("a", 3), header('D', Integer.MIN_VALUE), new byte[1000]),
                lie("a frame over the bound", started(), header('O', 65537), new byte[65537]),
                lie("an unknown type", started(), frame('q', "")),
                lie("type 0", started(), frame('\0', "")),
                lie("type 255", started(), frame('\u00ff', "")),
                lie("a frame of ours", started(), frame('R', "{}")),
                lie("READY again", started(), ready()),
                lie("EXIT that is not JSON", started(), frame('T', "exit 0")),
                lie("EXIT that is a list", started(), frame('T', "[" + EXIT + "]")),
                lie("EXIT of binary", started(), frame('T', new byte[] {-1, -2, 0})),
                lie("a start twice", started(), started()),
                lie("a start after EXIT", started(), exit(), started()),
                lie("output before a start", frame('O', "early")),
                lie("errors before a start", frame('e', "early")),
                lie("EXIT before a start", exit()),
                lie("DONE before a start", done()),
                lie("EXIT twice", started(), exit(), exit()),
                lie(
                        "EXIT that timed out with a code",
                        started(),
                        frame('T', EXIT.replace("\"timed_out\":false", "\"timed_out\":true"))),
                lie(
                        "EXIT without a code",
                        started(),
                        frame('T', EXIT.replace("\"exit_code\":0", "\"exit_code\":null"))),
                lie("DONE at once", started(), done()),
                lie("DONE inside a file", started(), exit(), file("a", 3), data(2), done()),
                lie("output after EXIT", started(), exit(), frame('O', "late")),
                lie("errors after EXIT", started(), exit(), frame('e', "late")),
                lie("a file before EXIT", started(), file("a", 3)),
                lie("a file inside a file", started(), exit(), file("a", 3), data(2), file("b", 1)),
                lie("a file of a negative size", started(), exit(), file("a", -1)),
                lie("a file of 2^63 - 1 bytes", started(), exit(), file("a", Long.MAX_VALUE)),
                lie("a file of 1 TB", started(), exit(), file("a", 1L << 40)),
                lie(
                        "a file of 2^64 bytes",
                        started(),
                        exit(),
                        frame('F', "{\"path\":\"a\",\"size\":18446744073709551616}")),
                lie(
                        "a file of 10^1000000000 bytes",
                        started(),
                        exit(),
                        frame('F', "{\"path\":\"a\",\"size\":1e1000000000}")),
                lie("a file of half a byte", started(), exit(), frame('F', "{\"path\":\"a\",\"size\":0.5}")),
                lie("a file without a path", started(), exit(), frame('F', "{\"size\":1}")),
                lie("a file whose path is a number", started(), exit(), frame('F', "{\"path\":1,\"size\":1}")),
                lie("data without a file", started(), exit(), data(1)),
                lie("data before EXIT", started(), data(1)),
                lie("more data than announced", started(), exit(), file("a", 3), data(4)),
                lie("data after the file", started(), exit(), file("a", 3), data(3), data(1)),
                lie(
                        "files over the total",
                        started(),
                        exit(),
                        file("a", FILE),
                        data(65536),
                        data(65536),
                        data(FILE - 131072),
                        file("b", FILE),
                        data(65536),
                        data(65536),
                        data(FILE - 131072),
                        file("c", 1)),
                lie("a skipped entry before EXIT", started(), skipped("a")),
                lie("a skipped entry inside a file", started(), exit(), file("a", 3), data(1), skipped("b")),
                lie(
                        "output over the limit",
                        started(),
                        frame('O', new byte[65536]),
                        frame('O', new byte[65536]),
                        frame('O', new byte[65536]),
                        frame('O', new byte[OUTPUT - 3 * 65536 + 1])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lies")
    void refusesARunnerThatSends(String what, byte[] lie) {
        assertThatThrownBy(() -> converse(new ByteArrayInputStream(concat(ready(), lie, done()))))
                .isInstanceOf(RunnerProtocolException.class);
    }

    static Stream<Arguments> endless() {
        return Stream.of(
                Arguments.of("output", concat(ready(), started()), frame('O', "x")),
                Arguments.of("errors", concat(ready(), started()), frame('e', new byte[65536])),
                Arguments.of("skipped entries", concat(ready(), started(), exit()), skipped("x".repeat(60_000))),
                Arguments.of("empty files", concat(ready(), started(), exit()), file("x", 0)),
                Arguments.of("files", concat(ready(), started(), exit()), concat(file("x", 65536), data(65536))),
                Arguments.of("data", concat(ready(), started(), exit(), file("x", FILE)), data(1)),
                Arguments.of("what is shown", concat(ready(), started()), concat(frame('X', SHOW), frame('y', SHOWN))),
                Arguments.of("forms", concat(ready(), started(), frame('X', SHOW)), frame('x', FORM.replace("4", "0"))),
                Arguments.of(
                        "files that are shown",
                        concat(ready(), started(), frame('X', SHOW)),
                        concat(frame('x', SHOWN_FILE), data(5))),
                Arguments.of("starts", ready(), started()),
                Arguments.of("exits", concat(ready(), started()), exit()),
                Arguments.of("greetings", new byte[0], ready()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("endless")
    void refusesARunnerThatNeverEnds(String what, byte[] beginning, byte[] repeated) {
        assertThatThrownBy(() -> converse(endlessly(beginning, repeated))).isInstanceOf(RunnerProtocolException.class);
    }

    @Test
    void noticesTheEndWhereverItComes() {
        for (int length = 0; length < WHOLE_RUN.length; length++) {
            byte[] cut = Arrays.copyOf(WHOLE_RUN, length);
            assertThatThrownBy(() -> converse(new ByteArrayInputStream(cut)))
                    .as("%d bytes", length)
                    .isInstanceOf(EOFException.class);
        }
    }

    /** Nothing but these exceptions may come out, whatever comes in; {@link #converse} counts what gets through. */
    @Test
    void survivesRandomBytes() {
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            assertEndsOrRefuses(bytes, i);
            assertEndsOrRefuses(concat(ready(), bytes), i);
        }
    }

    @Test
    void survivesRandomPayloads() {
        Random random = new Random(2);
        for (int i = 0; i < 3_000; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(ready());
            for (int frames = random.nextInt(8); frames >= 0; frames--) {
                byte[] payload = new byte[random.nextInt(100)];
                random.nextBytes(payload);
                bytes.writeBytes(frame("YBOeTFDSZPXxy".charAt(random.nextInt(13)), payload));
            }
            assertEndsOrRefuses(bytes.toByteArray(), i);
        }
    }

    @Test
    void survivesAConversationWithDamage() {
        Random random = new Random(3);
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = WHOLE_RUN.clone();
            for (int damages = random.nextInt(4); damages >= 0; damages--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertEndsOrRefuses(bytes, i);
        }
    }

    @Test
    void survivesWholeFramesInAnyOrder() {
        byte[][] frames = {
            ready(),
            started(),
            started(),
            frame('O', new byte[60_000]),
            frame('e', new byte[60_000]),
            exit(),
            exit(),
            file("a", 0),
            file("a", 60_000),
            data(60_000),
            skipped("b"),
            frame('X', SHOW),
            frame('X', SHOW),
            frame('x', FORM.replace("4", "60000")),
            frame('x', SHOWN_FILE.replace("5", "60000")),
            frame('y', SHOWN),
            frame('y', SHOWN.replace("true", "false")),
            done(),
            frame('P', "{\"reason\":\"no_space\",\"message\":\"full\"}")
        };
        Random random = new Random(4);
        for (int i = 0; i < 3_000; i++) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(ready());
            for (int count = random.nextInt(20); count >= 0; count--) {
                bytes.writeBytes(frames[random.nextInt(frames.length)]);
            }
            assertEndsOrRefuses(bytes.toByteArray(), i);
        }
    }

    private static void assertEndsOrRefuses(byte[] bytes, int iteration) {
        try {
            converse(new ByteArrayInputStream(bytes));
        } catch (IOException expected) {
            assertThat(expected)
                    .as("iteration %d", iteration)
                    .isInstanceOfAny(RunnerProtocolException.class, EOFException.class);
        }
    }

    record Totals(long stdout, long stderr, int files, long data, int skipped) {}

    /** Reads until the end as a run does, and checks that no more gets through than the configuration allows. */
    static Totals converse(InputStream runner) throws IOException {
        RunnerChannel channel = RunnerChannel.open(new FakeChannel(runner), CONFIG);
        int starts = 0;
        long stdout = 0;
        long stderr = 0;
        int files = 0;
        long data = 0;
        int skipped = 0;
        int shown = 0;
        long announced = 0;
        while (true) {
            switch (channel.next()) {
                case Frame.Stdout piece -> stdout += piece.bytes().length;
                case Frame.Stderr piece -> stderr += piece.bytes().length;
                case Frame.FileStart file -> files++;
                case Frame.Data piece -> data += piece.bytes().length;
                case Frame.Skipped entry -> skipped++;
                case Frame.Show show -> shown++;
                case Frame.Form form -> {
                    files += form.path().isPresent() ? 1 : 0;
                    announced += form.path().isPresent() ? 0 : form.size();
                }
                case Frame.ShowEnd end -> {}
                case Frame.Exit exit ->
                    assertThat(exit.exit().exitCode().isEmpty())
                            .isEqualTo(exit.exit().timedOut());
                case Frame.Started _ -> starts++;
                case Frame.Pong pong -> throw new AssertionError("an answer to no ping");
                case Frame.Compiled code -> throw new AssertionError("code after READY");
                case Frame.Ready ready -> throw new AssertionError("a second READY");
                case Frame.Problem problem -> {
                    return new Totals(stdout, stderr, files, data, skipped);
                }
                case Frame.Done done -> {
                    return new Totals(stdout, stderr, files, data, skipped);
                }
            }
            assertThat(starts).isLessThanOrEqualTo(1);
            assertThat(stdout).isLessThanOrEqualTo(OUTPUT);
            assertThat(stderr).isLessThanOrEqualTo(OUTPUT);
            assertThat(files).isLessThanOrEqualTo(FILES);
            assertThat(data).isLessThanOrEqualTo(TOTAL + announced);
            assertThat(shown).isLessThanOrEqualTo(RESULTS);
            assertThat(announced).isLessThanOrEqualTo(RESULT_BYTES);
            assertThat(skipped).isLessThanOrEqualTo(SKIPPED);
        }
    }

    private static Arguments lie(String what, byte[]... parts) {
        return Arguments.of(what, concat(parts));
    }

    private static InputStream endlessly(byte[] beginning, byte[] repeated) {
        return new InputStream() {
            private byte[] current = beginning;
            private int next;

            @Override
            public int read() {
                while (next == current.length) {
                    current = repeated;
                    next = 0;
                }
                return current[next++] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    bytes[offset + i] = (byte) read();
                }
                return length;
            }
        };
    }

    private static JsonObject json(DataInputStream sent, char type) throws IOException {
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(payload(sent, type)))) {
            return reader.readObject();
        }
    }

    private static byte[] payload(DataInputStream sent, char type) throws IOException {
        assertThat((char) sent.read()).isEqualTo(type);
        return sent.readNBytes(sent.readInt());
    }

    /** A sandbox whose bytes are known beforehand and that remembers what it is sent. */
    private static final class FakeChannel implements SandboxChannel {
        private final InputStream input;
        private final ByteArrayOutputStream output = new ByteArrayOutputStream();

        FakeChannel(byte[] input) {
            this(new ByteArrayInputStream(input));
        }

        FakeChannel(InputStream input) {
            this.input = input;
        }

        DataInputStream sent() {
            return new DataInputStream(new ByteArrayInputStream(output.toByteArray()));
        }

        @Override
        public InputStream input() {
            return input;
        }

        @Override
        public OutputStream output() {
            return output;
        }

        @Override
        public String diagnostics() {
            return "";
        }

        @Override
        public void close() {}
    }
}
