package dev.codeinterpreter.runner;

import static dev.codeinterpreter.runner.FrameBytes.EXIT;
import static dev.codeinterpreter.runner.FrameBytes.LIBRARIES;
import static dev.codeinterpreter.runner.FrameBytes.READY;
import static dev.codeinterpreter.runner.FrameBytes.concat;
import static dev.codeinterpreter.runner.FrameBytes.frame;
import static dev.codeinterpreter.runner.FrameBytes.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.BYTE_ARRAY;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.codeinterpreter.runner.ProgramExit.Termination;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FrameReaderTest {
    /** A payload of each type that has one. */
    private static final Map<Character, String> VALID = Map.of(
            'X',
            FrameBytes.SHOW,
            'x',
            FrameBytes.SHOWN_FILE,
            'y',
            FrameBytes.SHOWN,
            'Y',
            READY,
            'N',
            LIBRARIES,
            'T',
            EXIT,
            'F',
            "{\"path\":\"x\",\"size\":1}",
            'S',
            "{\"path\":\"x\",\"reason\":\"symlink\"}",
            'P',
            "{\"reason\":\"x\",\"message\":\"y\"}");

    @Test
    void readsReady() throws IOException {
        assertThat(read(frame('Y', READY))).isEqualTo(new Frame.Ready(1, OptionalDouble.empty()));
    }

    @Test
    void readsHowFarLibrariesAre() throws IOException {
        assertThat(read(frame('N', LIBRARIES)))
                .isEqualTo(new Frame.Pong(new Libraries(Libraries.State.READY, List.of("numpy"), 11534336)));
        assertThat(read(FrameBytes.pong())).isEqualTo(new Frame.Pong(Libraries.NONE));
    }

    @Test
    void readsHowLongASessionHasToLive() throws IOException {
        String ready = READY.replace("}", ",\"seconds_left\":12.5}");
        assertThat(read(frame('Y', ready))).isEqualTo(new Frame.Ready(1, OptionalDouble.of(12.5)));
    }

    @Test
    void readsThatAnInterpreterIsLost() throws IOException {
        String exit = EXIT.replace("\"state_lost\":false", "\"state_lost\":true");
        assertThat(read(frame('T', exit)))
                .asInstanceOf(type(Frame.Exit.class))
                .matches(ended -> ended.exit().stateLost());
    }

    @Test
    void readsExit() throws IOException {
        assertThat(read(frame('T', EXIT)))
                .isEqualTo(new Frame.Exit(new ProgramExit(
                        OptionalInt.of(0),
                        Termination.EXITED,
                        Duration.ofMillis(12),
                        Duration.ofMillis(10),
                        9437184,
                        false,
                        false,
                        false)));
    }

    @Test
    void readsTheOthers() throws IOException {
        FrameReader reader = reader(concat(
                frame('B', ""),
                frame('O', "out"),
                frame('e', "err"),
                frame('F', "{\"path\":\"a/ä\",\"size\":3}"),
                frame('D', "abc"),
                frame('S', "{\"path\":\"l\",\"reason\":\"symlink\"}"),
                frame('P', "{\"reason\":\"no_space\",\"message\":\"full\"}"),
                frame('Z', "")));
        assertThat(reader.next()).isEqualTo(new Frame.Started());
        assertThat(reader.next())
                .asInstanceOf(type(Frame.Stdout.class))
                .extracting(Frame.Stdout::bytes, BYTE_ARRAY)
                .asString(UTF_8)
                .isEqualTo("out");
        assertThat(reader.next())
                .asInstanceOf(type(Frame.Stderr.class))
                .extracting(Frame.Stderr::bytes, BYTE_ARRAY)
                .asString(UTF_8)
                .isEqualTo("err");
        assertThat(reader.next()).isEqualTo(new Frame.FileStart("a/ä", 3));
        assertThat(reader.next())
                .asInstanceOf(type(Frame.Data.class))
                .extracting(Frame.Data::bytes, BYTE_ARRAY)
                .asString(UTF_8)
                .isEqualTo("abc");
        assertThat(reader.next()).isEqualTo(new Frame.Skipped("l", "symlink"));
        assertThat(reader.next()).isEqualTo(new Frame.Problem("no_space", "full"));
        assertThat(reader.next()).isEqualTo(new Frame.Done());
        assertThatThrownBy(reader::next).isInstanceOf(EOFException.class).hasMessage("the sandbox has ended");
    }

    @Test
    void readsWhatIsShown() throws IOException {
        assertThat(read(frame('X', FrameBytes.SHOW))).isEqualTo(new Frame.Show(false));
        assertThat(read(frame('X', "{\"type\":\"execute_result\"}"))).isEqualTo(new Frame.Show(true));
        assertThat(read(frame('x', FrameBytes.FORM))).isEqualTo(new Frame.Form("text/html", 4, Optional.empty()));
        assertThat(read(frame('x', FrameBytes.SHOWN_FILE)))
                .isEqualTo(new Frame.Form("image/png", 5, Optional.of("figure-1.png")));
        assertThat(read(frame('y', FrameBytes.SHOWN))).isEqualTo(new Frame.ShowEnd(true, false));
    }

    @ParameterizedTest
    @CsvSource({
        // exit code, signal, timed out, oom, cpu, how it counts
        "3,null,false,false,false,EXITED",
        "137,9,false,false,false,SIGNALED",
        "137,9,false,true,false,OOM",
        "152,24,false,false,true,CPU",
        "137,9,false,true,true,OOM",
        "null,9,true,false,false,TIMEOUT",
        "null,9,true,true,true,TIMEOUT"
    })
    void saysHowAProgramEnded(
            String code, String signal, String timedOut, String oom, String cpu, Termination termination)
            throws IOException {
        String exit = EXIT.replace("\"exit_code\":0", "\"exit_code\":" + code)
                .replace("\"signal\":null", "\"signal\":" + signal)
                .replace("\"timed_out\":false", "\"timed_out\":" + timedOut)
                .replace("\"oom\":false", "\"oom\":" + oom)
                .replace("\"cpu\":false", "\"cpu\":" + cpu);
        assertThat(read(frame('T', exit)))
                .asInstanceOf(type(Frame.Exit.class))
                .extracting(Frame.Exit::exit)
                .satisfies(ended -> {
                    assertThat(ended.termination()).isEqualTo(termination);
                    assertThat(ended.timedOut()).isEqualTo(termination == Termination.TIMEOUT);
                    assertThat(ended.exitCode().isEmpty()).isEqualTo(code.equals("null"));
                });
    }

    @Test
    void readsTheLargestFrame() throws IOException {
        assertThat(read(frame('O', new byte[65536])))
                .asInstanceOf(type(Frame.Stdout.class))
                .extracting(Frame.Stdout::bytes, BYTE_ARRAY)
                .hasSize(65536);
    }

    @ParameterizedTest
    @ValueSource(ints = {65537, 1 << 20, Integer.MAX_VALUE, Integer.MIN_VALUE, -1})
    void refusesALargerOneBeforeItIsRead(int length) {
        assertThatThrownBy(() -> read(concat(header('O', length), new byte[100])))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessage("a frame of %d bytes".formatted(Integer.toUnsignedLong(length)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4})
    void endsInsideAHeader(int length) {
        assertThatThrownBy(() -> read(Arrays.copyOf(frame('O', "out"), length))).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 7})
    void endsInsideAPayload(int length) {
        assertThatThrownBy(() -> read(Arrays.copyOf(frame('O', "out"), length)))
                .isInstanceOf(EOFException.class)
                .hasMessage("the sandbox has ended in the middle of a frame");
    }

    @Test
    void refusesEveryUnknownType() {
        for (int type = 0; type < 256; type++) {
            char unknown = (char) type;
            if ("YBNMOeTFDSZPXxy".indexOf(unknown) < 0) {
                assertThatThrownBy(() -> read(frame(unknown, "{}")))
                        .as("type %d", type)
                        .isInstanceOf(RunnerProtocolException.class)
                        .hasMessageContaining("unknown type");
            }
        }
    }

    static Stream<String> whatIsNoObject() {
        return Stream.of(
                "",
                " ",
                "null",
                "1",
                "\"text\"",
                "[]",
                "{",
                "}",
                "{]",
                "{\"path\"",
                "{\"path\":",
                "{'path':'x','size':1}",
                "{\"path\":\"x\",\"size\":1",
                "\0\0\0\0",
                "\uFEFF{\"path\":\"x\",\"size\":1}",
                "[".repeat(65536),
                "{\"a\":".repeat(10000),
                "{\"path\":\"x\",\"size\":" + "[".repeat(60000),
                "{\"path\":\"" + "x".repeat(65000));
    }

    @ParameterizedTest
    @MethodSource("whatIsNoObject")
    void refusesJsonThatIsNoObject(String payload) {
        for (char type : "YTFSPXxy".toCharArray()) {
            assertThatThrownBy(() -> read(frame(type, payload)))
                    .as("type %s", type)
                    .isInstanceOf(RunnerProtocolException.class)
                    .hasMessage("a frame of type %d is malformed".formatted((int) type));
        }
    }

    static Stream<Arguments> wrongValues() {
        String[] whole = {
            "null",
            "true",
            "\"1\"",
            "[]",
            "{}",
            "-1",
            "1.5",
            "1e-1",
            "9223372036854775808",
            "1e19",
            "1e400",
            "1e1000000000",
            "-1e1000000000",
            "9".repeat(5000),
            "NaN",
            "Infinity",
            "0x1",
            "01",
            "+1"
        };
        String[] text = {"null", "true", "1", "[]", "{}", "x"};
        String[] truth = {"null", "\"true\"", "0", "1", "[]", "{}", "True"};
        String[] texts = {"null", "true", "\"a\"", "1", "{}", "[1]", "[null]", "[[]]", "[\"a\",1]"};
        return Stream.of(
                        wrong('F', "size", whole),
                        wrong('F', "path", text),
                        wrong('S', "path", text),
                        wrong('S', "reason", text),
                        wrong('P', "reason", text),
                        wrong('P', "message", text),
                        wrong('X', "type", "null", "true", "1", "[]", "{}", "x", "\"stream\""),
                        wrong('x', "size", whole),
                        wrong('x', "mime_type", "null", "1", "\"\"", "\"text/html\"", "\"image/x\"", "\"image/png \""),
                        wrong(
                                'x',
                                "path",
                                "null",
                                "1",
                                "\"\"",
                                "\"a/figure-1.png\"",
                                "\"../figure-1.png\"",
                                "\"figure-1.png\\\\n\"",
                                "\"figure-12345.png\"",
                                "\"main.py\""),
                        wrong('y', "complete", truth),
                        wrong('y', "truncated", truth),
                        wrong('N', "memory_bytes", whole),
                        wrong('N', "missing", texts),
                        wrong('N', "libraries", text),
                        wrong('Y', "protocol", "null", "true", "\"1\"", "[]"),
                        wrong('T', "duration_ms", whole),
                        wrong('T', "cpu_ms", whole),
                        wrong('T', "peak_memory_bytes", whole),
                        wrong('T', "exit_code", "null", "true", "\"0\"", "[]"),
                        wrong('T', "timed_out", truth),
                        wrong('T', "oom", truth),
                        wrong('T', "cpu", truth),
                        wrong('T', "stdout_truncated", truth),
                        wrong('T', "stderr_truncated", truth))
                .flatMap(cases -> cases);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("wrongValues")
    void refusesAWrongValue(char type, String what, String payload) {
        assertThatThrownBy(() -> read(frame(type, payload)))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessage("a frame of type %d is malformed".formatted((int) type));
    }

    @ParameterizedTest
    @CsvSource({
        "Y,protocol",
        "N,libraries",
        "N,missing",
        "N,memory_bytes",
        "X,type",
        "x,mime_type",
        "x,size",
        "x,path",
        "y,complete",
        "y,truncated",
        "T,exit_code",
        "T,signal",
        "T,timed_out",
        "T,oom",
        "T,cpu",
        "T,duration_ms",
        "T,cpu_ms",
        "T,peak_memory_bytes",
        "T,stdout_truncated",
        "T,stderr_truncated",
        "F,path",
        "F,size",
        "S,path",
        "S,reason",
        "P,reason",
        "P,message"
    })
    void refusesAMissingValue(char type, String name) {
        String payload = valid(type).replace("\"%s\"".formatted(name), "\"other\"");
        assertThatThrownBy(() -> read(frame(type, payload)))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessage("a frame of type %d is malformed".formatted((int) type));
    }

    private static Stream<Arguments> wrong(char type, String name, String... values) {
        return Arrays.stream(values).map(value -> {
            String payload = valid(type)
                    .replaceFirst(
                            "\"%s\":(\\[.*?]|\"[^\"]*\"|[^,}]*)".formatted(name), "\"%s\":%s".formatted(name, value));
            return Arguments.of(type, "%s = %.20s".formatted(name, value), payload);
        });
    }

    private static String valid(char type) {
        return requireNonNull(VALID.get(type));
    }

    private static Frame read(byte[] bytes) throws IOException {
        return reader(bytes).next();
    }

    private static FrameReader reader(byte[] bytes) {
        return new FrameReader(new ByteArrayInputStream(bytes));
    }
}
