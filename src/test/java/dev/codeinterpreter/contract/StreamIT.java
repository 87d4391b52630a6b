package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Event;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Streamed;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A run as server-sent events: what a client sees, when, and in which order. */
@Timeout(90)
class StreamIT {
    private static final String PATH = "/v1/execute/stream";
    private static final int MAX_OUTPUT = 1_000_000;
    private static final Duration LAUNCH = Duration.ofSeconds(20);

    /** One second is promised; the rest is for a busy machine. */
    private static final Duration GONE = Duration.ofSeconds(4);

    private static final Program SLEEPER = Program.of("""
            import os, time
            os.write(1, b"begun\\n")
            time.sleep(60)
            """).timeoutMs(60_000);

    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_STAGED_MB", "2", "WORKSPACE_SIZE_LIMIT", "1Mi"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        assertThat(service.log()).as("stack traces in the log").doesNotContain("\tat ");
        service.close();
    }

    @Test
    void saysWhatItIs() {
        try (EventReader events = api.stream(Program.of("1"))) {
            assertThat(events.headers())
                    .containsEntry("content-type", List.of("text/event-stream; charset=utf-8"))
                    .containsEntry("cache-control", List.of("no-cache"))
                    .containsEntry("x-accel-buffering", List.of("no"))
                    .doesNotContainKey("content-length");
            assertThat(events.readAll().stdout()).isEqualTo("1\n");
        }
    }

    @Test
    void answersAtOnceWhenTheProgramIsSilent() {
        try (EventReader events =
                api.stream(Program.of("import time; time.sleep(60)").timeoutMs(60_000))) {
            assertThat(events.headers()).containsKey("content-type");
            // Of the test before, the sandbox may be on its way out.
            Await.until(
                    "its sandbox alone, still running",
                    GONE.plus(service.engine().pace()),
                    () -> service.engine().sandboxes().size() == 1);
        }
        service.engine().awaitNone(GONE);
    }

    @Test
    void sendsOutputWhileTheProgramRuns() {
        try (EventReader events = api.stream(SLEEPER)) {
            assertThat(events.require())
                    .isEqualTo(new Event("output", "{\"stream\":\"stdout\",\"data\":\"begun\\n\"}"));
            assertThat(service.engine().sandboxes()).as("still running").hasSize(1);
        }
        service.engine().awaitNone(GONE);
    }

    @Test
    void sendsEachPieceAtOnce() {
        Program program = Program.of("""
                import os, time
                for i in range(21):
                    os.write(1 + i % 2, b'%d' % (time.time_ns() // 1000))
                    time.sleep(0.1)
                """);
        List<Long> delays = new ArrayList<>();
        List<String> streams = new ArrayList<>();
        try (EventReader events = api.stream(program)) {
            for (Event event = events.require(); event.type().equals("output"); event = events.require()) {
                long now = Clock.systemUTC().instant().toEpochMilli();
                streams.add(event.json().getString("stream"));
                delays.add(now - Long.parseLong(event.text()) / 1000);
            }
        }
        Collections.sort(delays);
        // 50 ms are promised; the rest, and the worse half, is for a busy machine.
        assertThat(delays).hasSize(21);
        assertThat(delays.get(10)).as("delays in milliseconds: %s", delays).isLessThan(100);
        assertThat(streams).startsWith("stdout", "stderr", "stdout", "stderr").endsWith("stderr", "stdout");
    }

    @Test
    void sendsWhatIsPrintedWithoutALineFeed() {
        try (EventReader events = api.stream(Program.of("""
                import sys, time
                sys.stdout.write("50 %")
                sys.stdout.flush()
                time.sleep(60)
                """).timeoutMs(60_000))) {
            assertThat(events.require().text()).isEqualTo("50 %");
        }
    }

    @Test
    void endsWithOneResultThatHoldsNoOutput() {
        Streamed streamed =
                stream("import sys; print('out'); print('err', file=sys.stderr); open('f', 'w').write('x')");
        Result result = streamed.result();
        assertThat(result.json().keySet())
                .containsExactlyInAnyOrder(
                        "exit_code",
                        "timed_out",
                        "duration_ms",
                        "files",
                        "truncated",
                        "termination",
                        "skipped_files",
                        "usage",
                        "results");
        assertThat(result.exited(0)).isTrue();
        assertThat(api.content(result.file("f"))).isEqualTo("x");
        assertThat(streamed.stdout()).isEqualTo("out\n");
        assertThat(streamed.stderr()).isEqualTo("err\n");
        assertThat(streamed.events())
                .allSatisfy(event -> assertThat(event.data())
                        .as("compact, members in their order")
                        .isEqualTo(Answer.compact(event.data())));
    }

    @Test
    void endsWithAResultAlsoWhenThereIsNoOutput() {
        Streamed streamed = stream("pass");
        assertThat(streamed.events()).hasSize(1);
        assertThat(streamed.result().exited(0)).isTrue();
    }

    static Stream<Program> programs() {
        return Stream.of(
                Program.of("6 * 7"),
                Program.of("6 * 7").interactive(false),
                Program.of("1 / 0"),
                Program.of("syntax error"),
                Program.of("import sys; sys.exit(7)"),
                Program.of("import os; os.kill(os.getpid(), 11)"),
                Program.of("import os; print('x', flush=True); os._exit(3)"),
                Program.of("print(input(), end='')").stdin("\u00e4\u20ac\ud83d\ude00"),
                Program.of("import sys; sys.stdin.read()"),
                Program.of("print('partial', end='', flush=True)\nwhile True: pass")
                        .timeoutMs(300));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void tellsTheSameAsAnAnswerAtTheEnd(Program program) {
        Result whole = api.run(program);
        Streamed streamed = read(program);
        Result result = streamed.result();
        assertThat(streamed.stdout()).isEqualTo(whole.stdout());
        assertThat(streamed.stderr()).isEqualTo(whole.stderr());
        for (String member : List.of("exit_code", "timed_out", "files", "truncated", "termination", "skipped_files")) {
            assertThat(result.json().get(member))
                    .as(member)
                    .isEqualTo(whole.json().get(member));
        }
    }

    @Test
    void readsAndReturnsFiles() {
        String id = api.upload("in", "content");
        Streamed streamed = read(Program.of("open('out', 'w').write(open('dir/in').read() + '!')")
                .file("dir/in", id));
        assertThat(streamed.result().files()).containsOnlyKeys("out");
        assertThat(api.content(streamed.result().file("out"))).isEqualTo("content!");
    }

    @Test
    void neverTearsACharacter() {
        Streamed streamed = stream("""
                import os, time
                for byte in "a\u00e4\u20ac\ud83d\ude00z".encode():
                    os.write(1, bytes([byte]))
                    time.sleep(0.05)
                """);
        assertThat(streamed.outputs())
                .extracting(Event::text)
                .containsExactly("a", "\u00e4", "\u20ac", "\ud83d\ude00", "z");
    }

    /** However a flood is cut into events. */
    @Test
    void neverTearsACharacterOfAFlood() {
        Streamed streamed = stream("print('x' + '\ud83d\ude00' * 100_000, end='')");
        assertThat(streamed.stdout()).isEqualTo("x" + "\ud83d\ude00".repeat(100_000));
        assertThat(streamed.outputs())
                .allSatisfy(event ->
                        assertThat(UTF_8.newEncoder().canEncode(event.text())).isTrue());
    }

    @ParameterizedTest
    @CsvSource({
        // bytes as Python writes them, what comes out
        "a\\xffb, a\ufffdb",
        "a\\xc3, a\ufffd",
        "\\xe2\\x82, \ufffd",
        "\\xf0\\x9f\\x98, \ufffd",
        "\\xed\\xa0\\x80, \ufffd\ufffd\ufffd",
        "\\xc0\\xaf, \ufffd\ufffd",
        "\\xf4\\x90\\x80\\x80, \ufffd\ufffd\ufffd\ufffd",
        "\\xe2\\x82\\xac\\x80\\xe2\\x82(, \u20ac\ufffd\ufffd("
    })
    void replacesWhatIsNotUtf8AsTheWholeAnswerDoes(String bytes, String text) {
        String code = "import os; os.write(1, b'%s')".formatted(bytes);
        assertThat(read(Program.of(code).interactive(false)).stdout()).isEqualTo(text);
        assertThat(api.run(Program.of(code).interactive(false)).stdout()).isEqualTo(text);
        String slowly = "import os, time\nfor b in b'%s': os.write(1, bytes([b])); time.sleep(0.03)".formatted(bytes);
        assertThat(stream(slowly).stdout()).as("byte by byte").isEqualTo(text);
    }

    /** Python's splitlines, which the Onyx client uses, ends lines at each of these. */
    @Test
    void keepsEverythingThatSomeClientTakesForTheEndOfALine() {
        String ends = "a\u000bb\fc\u001cd\u001de\u001ef\u0085g\u2028h\u2029i\rj\r\nk\nl";
        Program program = Program.of("""
                import sys
                print(sys.stdin.buffer.read().decode(), end='')
                print('\\u2028', file=sys.stderr)
                open('a\\u2028b\\u2029c\\x85d', 'w').close()
                """).stdin(ends);
        Streamed streamed = read(program);
        assertThat(streamed.events())
                .extracting(Event::data)
                .allSatisfy(data -> assertThat(data)
                        .doesNotContain(
                                "\u000b", "\f", "\u001c", "\u001d", "\u001e", "\u0085", "\u2028", "\u2029", "\r"));
        assertThat(streamed.stdout()).isEqualTo(ends);
        assertThat(streamed.stderr()).isEqualTo("\u2028\n");
        assertThat(streamed.result().files()).containsOnlyKeys("a\u2028b\u2029c\u0085d");
    }

    @Test
    void takesNoEventFromAProgram() {
        String forged =
                "\n\nevent: result\ndata: {\"exit_code\":99}\n\nevent: error\ndata: {\"message\":\"x\"}\n\n: x\n\n";
        Streamed streamed =
                read(Program.of("import sys; print(sys.stdin.read(), end='')").stdin(forged));
        assertThat(streamed.stdout()).isEqualTo(forged);
        assertThat(streamed.result().exited(0)).isTrue();
    }

    @Test
    void putsSingleBytesTogether() {
        Streamed streamed = stream("""
                import os
                for i in range(100_000):
                    os.write(1, b'%d' % (i % 10))
                """);
        assertThat(streamed.stdout()).isEqualTo("0123456789".repeat(10_000));
        int most = streamed.result().durationMs() / 10 + 50;
        assertThat(streamed.outputs()).hasSizeLessThan(most);
    }

    @ParameterizedTest
    @CsvSource({"stdout, stderr", "stderr, stdout"})
    void cutsOutputAtItsLimit(String cut, String whole) {
        Streamed streamed = stream("""
                import sys
                sys.%s.write('x' * %d + 'y')
                sys.%s.write('x' * %d)
                """.formatted(cut, MAX_OUTPUT, whole, MAX_OUTPUT));
        assertThat(streamed.stdout()).isEqualTo("x".repeat(MAX_OUTPUT));
        assertThat(streamed.stderr()).isEqualTo("x".repeat(MAX_OUTPUT));
        JsonObject truncated = streamed.result().json().getJsonObject("truncated");
        assertThat(truncated.getBoolean(cut)).isTrue();
        assertThat(truncated.getBoolean(whole)).isFalse();
        assertThat(streamed.result().exited(0)).isTrue();
    }

    @Test
    void marksACharacterThatTheLimitTears() {
        Streamed streamed = stream("print('\u20ac' * 400_000)");
        assertThat(streamed.stdout()).isEqualTo("\u20ac".repeat(MAX_OUTPUT / 3) + "\ufffd");
        assertThat(streamed.result().stdoutTruncated()).isTrue();
    }

    record Refusal(String name, String body, int status, String detail) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Refusal> refusals() {
        String gone = "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11";
        return Stream.of(
                new Refusal("no body", "", 422, "\"type\":\"missing\",\"loc\":[\"body\"]"),
                new Refusal("no code", "{}", 422, "\"type\":\"missing\",\"loc\":[\"body\",\"code\"]"),
                new Refusal("malformed", "{'code'", 422, "\"type\":\"json_invalid\""),
                new Refusal("types", "{'code':5,'timeout_ms':'5'}", 422, "\"int_type\""),
                new Refusal(
                        "timeout",
                        "{'code':'1','timeout_ms':60001}",
                        422,
                        "\"timeout_ms exceeds maximum of 60000 ms\""),
                new Refusal(
                        "unknown file",
                        "{'code':'1','files':[{'path':'p','file_id':'%s'}]}".formatted(gone),
                        404,
                        "\"File with ID '%s' not found for path 'p'.\"".formatted(gone)),
                new Refusal(
                        "path",
                        "{'code':'1','files':[{'path':'/p','file_id':'BIG'}]}",
                        422,
                        "\"File paths must be relative.\""),
                new Refusal(
                        "too many bytes",
                        "{'code':'1','files':[{'path':'p','file_id':'BIG'},{'path':'q','file_id':'BIG'}]}",
                        413,
                        "\"Staged files exceed the maximum of 2 MB\""),
                new Refusal(
                        "no room",
                        "{'code':'1','files':[{'path':'p','file_id':'BIG'}]}",
                        413,
                        "\"The files do not fit into the workspace.\""));
    }

    /** Nobody has to read a stream to learn that there is none. */
    @ParameterizedTest
    @MethodSource("refusals")
    void refusesBeforeTheStreamOpens(Refusal row) {
        String big = row.body().contains("BIG") ? api.upload("big", "x".repeat(3 << 19)) : "";
        Answer answer = api.post(PATH, row.body().replace('\'', '"').replace("BIG", big));
        assertRefused(answer, row.status());
        assertThat(answer.body()).startsWith("{\"detail\":").contains(row.detail());
        if (!big.isEmpty()) {
            assertThat(api.delete("/v1/files/" + big).status()).isEqualTo(204);
        }
    }

    @Test
    void knowsNoOtherMethod() {
        Answer answer = api.get(PATH);
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).contains("POST");
        assertThat(answer.detail()).isEqualTo("Method Not Allowed");
    }

    @Test
    void turnsAwayWhatWaitsTooLong() {
        try (ServiceProcess small = ServiceProcess.start(
                        Map.of("MAX_CONCURRENT_EXECUTIONS", "1", "EXECUTION_QUEUE_TIMEOUT_SEC", "0.3"));
                EventReader running = small.api().stream(SLEEPER)) {
            assertThat(running.require().text()).isEqualTo("begun\n");
            Answer answer = small.api().post(PATH, Program.of("1").toJson().toString());
            assertRefused(answer, 429);
            assertThat(answer.header("retry-after")).contains("2");
            assertThat(small.api().execute(Program.of("1")).status())
                    .as("a stream takes a place of all")
                    .isEqualTo(429);
        }
    }

    @Test
    void saysThatThereIsNoEngine() {
        try (ServiceProcess lost = ServiceProcess.start(Backend.current().nowhere())) {
            Answer answer = lost.api().post(PATH, Program.of("1").toJson().toString());
            assertRefused(answer, 503);
            assertThat(answer.header("retry-after")).contains("10");
            assertThat(answer.detail()).startsWith("Executor capacity unavailable (engine unreachable): ");
        }
    }

    @Test
    void endsWithAnErrorWhenTheSandboxIsLost() {
        try (EventReader events = api.stream(SLEEPER)) {
            assertThat(events.require().text()).isEqualTo("begun\n");
            service.engine().sandboxes().forEach(service.engine()::kill);
            Event last = events.require();
            assertThat(last.type()).isEqualTo("error");
            assertThat(last.json().keySet()).containsExactly("message", "code");
            assertThat(last.json().getString("code")).isEqualTo("capacity_unavailable");
            assertThat(last.json().getString("message"))
                    .isEqualTo(
                            "Executor capacity unavailable (sandbox lost): a sandbox ended before its program's result.");
            assertThat(events.next()).isEmpty();
        }
        service.engine().awaitNone(GONE);
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, false", "false, true", "true, true"})
    void endsTheRunOfAClientThatGoesAway(boolean flooding, boolean reset) throws IOException {
        Program program = flooding
                ? Program.of("print('begun', flush=True)\nwhile True: print('x' * 100)")
                        .timeoutMs(60_000)
                : SLEEPER;
        try (Socket client = api.begin(PATH, program.toJson().toString())) {
            readUntil(client, "begun");
            client.setSoLinger(reset, 0);
        }
        service.engine().awaitNone(GONE);
    }

    /** A service of its own: Jersey cannot answer on a connection that breaks right then, and Helidon logs that. */
    @Test
    void endsTheRunOfAClientThatGoesAwayBeforeItsStreamOpens() throws IOException {
        try (ServiceProcess other = ServiceProcess.start(Map.of())) {
            try (Socket _ = other.api().begin(PATH, SLEEPER.toJson().toString())) {
                Object _ = other.engine().awaitRunning(LAUNCH);
            }
            other.engine().awaitNone(GONE);
        }
    }

    /** Every byte is sent as six, which is more than the kernel buffers for a client that has made its window small. */
    @Test
    void waitsForAClientThatDoesNotReadWithoutDelayingOthers() throws IOException {
        Program flood = Program.of("""
                import sys
                sys.stdout.write('\\x01' * 1_000_000)
                sys.stderr.write('\\x02' * 1_000_000)
                """);
        Socket small = new Socket();
        small.setReceiveBufferSize(4096);
        try (Socket client = api.connect(small)) {
            client.getOutputStream().write(Api.request(PATH, flood.toJson().toString(), "Connection: close"));
            readUntil(client, "\r\n\r\n");
            service.engine().awaitNone(LAUNCH);
            for (int i = 0; i < 3; i++) {
                assertThat(stream("print('quick')").stdout()).isEqualTo("quick\n");
            }
            String events = unchunked(client.getInputStream().readAllBytes());
            assertThat(count(events, "\\u0001")).isEqualTo(1_000_000);
            assertThat(count(events, "\\u0002")).isEqualTo(1_000_000);
            assertThat(events.lastIndexOf("event: result\ndata: {\"exit_code\":0,"))
                    .isEqualTo(events.lastIndexOf("event: "));
            assertThat(events).endsWith("}\n\n");
        }
    }

    @Test
    void saysNowAndThenThatASilentProgramStillRuns() {
        Program program = Program.of("import os, time; time.sleep(1.5); _ = os.write(1, b'at last\\n')");
        try (ServiceProcess chatty = ServiceProcess.start(Map.of("STREAM_KEEPALIVE_SEC", "0.5"));
                EventReader events = chatty.api().stream(program)) {
            Event event = events.require();
            assertThat(event.type()).isEqualTo(Event.COMMENT);
            while (event.type().equals(Event.COMMENT)) {
                event = events.require();
            }
            assertThat(event.text()).isEqualTo("at last\n");
            assertThat(events.readAll().result().exited(0)).isTrue();
        }
    }

    @Test
    void answersTheNextRequestOnTheSameConnection() throws IOException {
        try (Socket client = api.begin(PATH, Program.of("1").toJson().toString())) {
            String first = readUntil(client, "\r\n0\r\n\r\n");
            assertThat(first).startsWith("HTTP/1.1 200 ").contains("event: result\n");
            client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(Api.answer(client)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void sendsAWholeStreamToAClientThatWantsItsConnectionClosed() throws IOException {
        try (Socket client = api.connect()) {
            client.getOutputStream()
                    .write(Api.request(PATH, Program.of("1").toJson().toString(), "Connection: close"));
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("event: result\n")
                    .endsWith("\r\n0\r\n\r\n");
        }
    }

    @Test
    void finishesTheStreamBeforeItStops() throws IOException {
        try (ServiceProcess other = ServiceProcess.start(Map.of("SHUTDOWN_GRACE_SEC", "20"))) {
            Program program = Program.of("import os, time; os.write(1, b'begun'); time.sleep(3); print('done')");
            try (EventReader events = other.api().stream(program)) {
                assertThat(events.require().text()).isEqualTo("begun");
                other.beginStop();
                Streamed rest = events.readAll();
                assertThat(rest.stdout()).isEqualTo("done\n");
                assertThat(rest.result().exited(0)).isTrue();
            }
            assertThat(other.awaitEnd(Duration.ofSeconds(40))).isIn(0, 143);
            other.engine().awaitNone(Duration.ofSeconds(5));
            assertThat(other.log()).doesNotContain("\tat ");
        }
    }

    private static void assertRefused(Answer answer, int status) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(answer.header("x-accel-buffering")).isEmpty();
        assertThat(answer.json().keySet()).containsExactly("detail", "code");
    }

    private static Streamed stream(String code) {
        return read(Program.of(code).interactive(code.length() < 4));
    }

    private static Streamed read(Program program) {
        try (EventReader events = api.stream(program)) {
            return events.readAll();
        }
    }

    /** What comes up to and with {@code text}. */
    private static String readUntil(Socket socket, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text, Math.max(0, read.length() - text.length())) < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                throw new AssertionError("the end, before " + text + " in " + read);
            }
            read.append((char) c);
        }
        return read.toString();
    }

    /** The content of a body in chunks. */
    private static String unchunked(byte[] body) {
        StringBuilder content = new StringBuilder();
        int position = 0;
        while (true) {
            int end = position;
            while (body[end] != '\r') {
                end++;
            }
            int length = Integer.parseInt(new String(body, position, end - position, UTF_8), 16);
            if (length == 0) {
                return content.toString();
            }
            content.append(new String(body, end + 2, length, UTF_8));
            position = end + 2 + length + 2;
        }
    }

    private static int count(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }
}
