package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that mean harm: refused at once, with little memory, and nobody else notices. */
@Timeout(60)
class HostileRequestsIT {
    private static final String FORM_HEAD = "--{b}\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\n";

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_FILE_SIZE_MB", "2"));
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.engine().launches())
                    .as("sandboxes launched for hostile requests")
                    .isZero();
        }
    }

    /** @param statuses any of which is a good answer */
    record Body(String name, Map<String, String> headers, String body, List<Integer> statuses) {
        Body(String name, String body, Integer... statuses) {
            this(name, Map.of("Content-Type", "application/json"), body, List.of(statuses));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Body> bodies() {
        String element = "{\"path\":\"p\",\"file_id\":\"x\"},";
        Map<String, String> compressed = Map.of("Content-Type", "application/json", "Content-Encoding", "gzip");
        return Stream.of(
                new Body("deep lists", "[".repeat(100_000), 400, 422),
                new Body("deep objects", "{\"a\":".repeat(100_000), 400, 422),
                new Body(
                        "deep and whole",
                        "{\"code\":\"\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
                        400,
                        422),
                new Body("a million members", object(1_000_000), 413, 422),
                new Body("a million values", "{\"code\":\"\",\"files\":[" + "1,".repeat(1_000_000) + "1]}", 413, 422),
                new Body(
                        "a number of ten megabytes",
                        "{\"code\":\"\",\"timeout_ms\":" + "9".repeat(10 << 20) + "}",
                        413,
                        422),
                new Body("a large exponent", "{\"code\":\"\",\"timeout_ms\":1e999999999}", 422),
                new Body("an even larger exponent", "{\"code\":\"\",\"timeout_ms\":1e99999999999999999999}", 422),
                new Body("a small exponent", "{\"code\":\"\",\"last_line_interactive\":1e-999999999}", 422),
                new Body("a name of ten megabytes", "{\"" + "a".repeat(10 << 20) + "\":1}", 413, 422),
                new Body(
                        "an id of ten megabytes",
                        "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":\"" + "a".repeat(10 << 20) + "\"}]}",
                        404,
                        413,
                        422),
                new Body(
                        "a path of ten megabytes",
                        "{\"code\":\"\",\"files\":[{\"path\":\"" + "a/".repeat(5 << 20) + "\",\"file_id\":\"x\"}]}",
                        404,
                        413,
                        422),
                new Body(
                        "ten thousand files",
                        "{\"code\":\"\",\"files\":[" + element.repeat(9_999)
                                + element.substring(0, element.length() - 1) + "]}",
                        422),
                new Body(
                        "a hundred thousand files",
                        "{\"code\":\"\",\"files\":[" + element.repeat(99_999)
                                + element.substring(0, element.length() - 1) + "]}",
                        413,
                        422),
                new Body(
                        "a hundred thousand errors",
                        "{\"code\":\"\",\"files\":[" + "{},".repeat(20_000) + "{}]}",
                        413,
                        422),
                new Body("UTF-16", new String("{\"code\":\"\"}".getBytes(UTF_16LE), ISO_8859_1), 422),
                new Body("NUL bytes", "\0".repeat(100_000), 422),
                new Body("spaces", " ".repeat(1 << 20), 422),
                new Body("compressed", compressed, "\u001f\u008b", List.of(400, 415)),
                new Body(
                        "an odd type",
                        Map.of("Content-Type", "application/json; charset=\"\\\""),
                        "{}",
                        List.of(422, 400)),
                new Body("no type", Map.of("Content-Type", ";;;"), "{}", List.of(422, 400)));
    }

    private static String object(int members) {
        StringBuilder json = new StringBuilder("{");
        IntStream.range(0, members).forEach(n -> json.append('"').append(n).append("\":0,"));
        return json.append("\"code\":\"\",\"timeout_ms\":0}").toString();
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void refusesAProgram(Body row) {
        Answer answer = service.api().send("POST", "/v1/execute", row.headers(), row.body());
        assertThat(answer.status()).as(answer.body()).isIn(row.statuses());
        assertThat(answer.json()).containsKey("detail");
        assertThat(answer.body()).hasSizeLessThan(1 << 20).doesNotContain("java.", "dev.codeinterpreter");
        assertUnharmed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/execute", "/v1/execute/stream", "/v1/sessions", "/v1/files"})
    void saysWhatIsWrongWithAChunk(String path) throws IOException {
        String type = path.equals("/v1/files") ? "multipart/form-data; boundary=b" : "application/json";
        String request = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
                        .formatted(path, type)
                + "3\r\n--b\r\nzz\r\n";
        try (Socket socket = service.api().connect()) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("\"The chunked body is malformed\"", "\"malformed_body\"");
        }
        assertUnharmed();
    }

    static Stream<Body> forms() {
        return Stream.of(
                new Body(
                        "ten thousand parts",
                        "--{b}\nContent-Disposition: form-data; name=\"x\"\n\n\n".repeat(10_000) + "--{b}--\n",
                        400,
                        413,
                        422),
                new Body(
                        "a header of a megabyte",
                        "--{b}\nContent-Disposition: form-data; name=\"" + "f".repeat(1_000_000) + "\"\n\nx\n--{b}--\n",
                        400,
                        413,
                        422),
                new Body(
                        "a name of a megabyte",
                        FORM_HEAD.replace("\"x\"", "\"" + "x".repeat(1_000_000) + "\"") + "\nx\n--{b}--\n",
                        400,
                        413,
                        422),
                new Body("ten thousand headers", FORM_HEAD + "X: y\n".repeat(10_000) + "\nx\n--{b}--\n", 400, 413, 422),
                new Body("no end", FORM_HEAD + "\n" + "x".repeat(100_000), 400),
                new Body("no blank line", FORM_HEAD, 400),
                new Body("no file name", "--{b}\nContent-Disposition: form-data; name=\"file\"\n\nx\n--{b}--\n", 422),
                new Body("three megabytes", FORM_HEAD + "\n" + "x".repeat(3 << 20) + "\n--{b}--\n", 413),
                new Body(
                        "three megabytes in another part",
                        "--{b}\nContent-Disposition: form-data; name=\"y\"\n\n" + "x".repeat(4 << 20) + "\n--{b}--\n",
                        413,
                        422));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void refusesAFile(Body row) {
        Answer answer = service.api().sendForm(row.body());
        assertThat(answer.status()).as(answer.body()).isIn(row.statuses());
        assertThat(answer.json()).containsKey("detail");
        assertThat(answer.body()).hasSizeLessThan(1 << 20).doesNotContain("java.", "dev.codeinterpreter");
        assertThat(service.stored()).as("what is stored besides the lock").hasSizeLessThanOrEqualTo(1);
        assertUnharmed();
    }

    @Test
    void givesBackWhatAbandonedConnectionsHeld() throws IOException {
        long before = service.openDescriptors();
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                Socket socket = service.api().connect();
                sockets.add(socket);
                socket.getOutputStream()
                        .write("POST /v1/execute HTTP/1.1\r\nHo"
                                .substring(0, i % 30)
                                .getBytes(UTF_8));
                socket.setSoLinger(true, 0); // Closing resets.
            }
            assertUnharmed();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        Await.until(
                "as many descriptors as before", Duration.ofSeconds(20), () -> service.openDescriptors() <= before + 5);
        assertUnharmed();
    }

    @Test
    void answersPipelinedRequestsInOrder() throws IOException {
        try (Socket socket = service.api().connect()) {
            String request =
                    "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(UTF_8));
            assertThat(Api.answer(socket)).startsWith("HTTP/1.1 404 ");
            assertThat(Api.answer(socket)).startsWith("HTTP/1.1 200 ");
        }
    }

    private static void assertUnharmed() {
        assertThat(service.api().get("/health").status()).isEqualTo(200);
        assertThat(service.log()).doesNotContain("\tat ", "OutOfMemoryError");
    }
}
