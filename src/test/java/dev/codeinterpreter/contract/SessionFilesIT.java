package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The files of a session: whatever they are called, however many they are, and that nobody else sees them. */
@Timeout(90)
class SessionFilesIT {
    private static ServiceProcess service;
    private static Api api;
    private static Session session;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(
                Map.of("MAX_FILE_SIZE_MB", "30", "WORKSPACE_SIZE_LIMIT", "256Mi", "FILE_STORAGE_MAX_MB", "16"));
        api = service.api();
        session = Session.begin(api);
    }

    @AfterAll
    static void stop() {
        session.close();
        assertThat(service.log()).as("stack traces in the log").doesNotContain("\tat ");
        service.close();
    }

    // Names.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // as sent, bytes as in ISO-8859-1 | status | its name in the workspace
                "%C3%A9.txt | 204 | \u00e9.txt",
                "%C3%BC.txt | 204 | \u00fc.txt",
                "\u00c3\u00a9.txt | 400 |",
                "\u00c3\u00bc.txt | 400 |",
                "\u00ff | 400 |",
                "%EF%BF%BD | 204 | \ufffd",
                "%FF | 400 |",
                "%C0%AF | 400 |",
                "%ED%A0%80 | 400 |",
                "% | 400 |",
                "%4 | 400 |",
                "%zz | 400 |",
                "n#m | 400 |",
                "report;v2 | 204 | report;v2",
                "report%3Bv3 | 204 | report;v3",
                "p;x/q;y | 204 | p;x/q;y",
                ";only | 204 | ;only",
                "a+b | 204 | a+b",
                "a%2Bc | 204 | a+c",
                "a%20b | 204 | a b",
                "d%2Fe | 204 | d/e",
                "d//f | 204 | d/f",
                "d/./g | 204 | d/g",
                "%2e/h | 204 | h",
                "d/../i | 422 |",
                "d/%2e%2E/i | 422 |",
                ".. | 422 |",
                "d/..;/j | 204 | d/..;/j",
                "x%00y | 422 |",
                "%5C | 204 | \\",
                "%2Fetc | 422 |"
            })
    void writesWhatIsSentUnderItsNameOrNothing(String sent, int status, String name) throws IOException {
        List<String> before = paths("");
        byte[] content = ("content of " + sent).getBytes(UTF_8);
        String answer = raw("POST " + session.path() + "/files/" + sent, content);
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        List<String> made = new ArrayList<>(paths(""));
        made.removeAll(before);
        if (name == null) {
            assertThat(made).isEmpty();
        } else {
            assertThat(made).containsExactly(name);
            assertThat(raw("GET " + session.path() + "/files/" + sent, new byte[0]))
                    .endsWith("\r\n\r\ncontent of " + sent);
        }
    }

    @Test
    void deletesRegularFilesAndNothingElse() {
        assertThat(session.bash("mkdir -p removal/d; echo 1 > removal/f; ln -s f removal/link")
                        .exitCode())
                .hasValue(0);
        assertThat(api.delete(session.path() + "/files/removal/f").status()).isEqualTo(204);
        assertThat(session.bash("ls removal").stdout()).isEqualTo("d\nlink\n");
        Answer gone = api.delete(session.path() + "/files/removal/f");
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.body()).contains("There is no such file in the session");
        for (String path : List.of("removal/d", "removal/link", "removal/../f")) {
            assertThat(api.delete(session.path() + "/files/" + path).status())
                    .as(path)
                    .isEqualTo(422);
        }
        assertThat(api.delete("/v1/sessions/code-session-" + "0".repeat(32) + "/files/f")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void hasNoOtherNamesForIds() throws IOException {
        String id = api.upload("f", "x");
        for (String path : List.of(
                "/v1/files/" + id + ";x",
                "/v1/files/" + id + "%3Bx",
                "/v1/files;x",
                session.path() + ";x=1",
                session.path() + "/files;a=b",
                session.path() + "%00",
                session.path().toUpperCase(java.util.Locale.ROOT),
                "/v1/./sessions/" + session.id(),
                "/health;x")) {
            assertThat(raw("GET " + path, new byte[0])).as(path).startsWith("HTTP/1.1 404");
        }
        assertThat(api.delete("/v1/files/" + id).status()).isEqualTo(204);
    }

    @Test
    void isDownloadedAsAStoredFileIs() {
        assertThat(session.write("dl/%E2%82%AC%22;.html", "<b>".getBytes(UTF_8)).status())
                .isEqualTo(204);
        Answer read = session.read("dl/%E2%82%AC%22;.html");
        assertThat(read.body()).isEqualTo("<b>");
        assertThat(read.header("content-disposition"))
                .contains("attachment; filename=\"___.html\"; filename*=UTF-8''%E2%82%AC%22%3B.html");
        assertThat(read.header("content-security-policy")).contains("sandbox");
        assertThat(read.header("x-content-type-options")).contains("nosniff");
        assertThat(read.header("content-length")).contains("3");
    }

    // The store.

    @Test
    void neverPassesThroughTheStore() {
        try (Session own = Session.begin(api)) {
            // More than the store holds.
            assertThat(own.write("big", new byte[20 << 20]).status()).isEqualTo(204);
            Answer chunked = api.send(
                    "POST",
                    own.path() + "/files/chunked",
                    Map.of(),
                    BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[100 << 10])));
            assertThat(chunked.status()).as(chunked.toString()).isEqualTo(204);
            assertThat(own.files()).isEqualTo(Map.of("big", 20 << 20, "chunked", 100 << 10));
            assertThat(own.read("big").body()).hasSize(20 << 20);
            assertThat(service.stored().keySet()).noneMatch(name -> name.contains("spool"));
            assertThat(api.get("/v1/files").json().getJsonArray("files")).isEmpty();
        }
    }

    @Test
    void refusesWhatIsTooLargeBeforeItIsRead() throws IOException {
        for (String session404 : List.of("code-session-" + "0".repeat(32), "nothing")) {
            assertThat(raw("POST /v1/sessions/" + session404 + "/files/a", "Content-Length: 999999999999999999", ""))
                    .startsWith("HTTP/1.1 404");
        }
        assertThat(raw("POST " + session.path() + "/files/a", "Content-Length: 31457281", ""))
                .startsWith("HTTP/1.1 413")
                .contains("File size exceeds maximum of 30 MB");
    }

    @Test
    void cutsADownloadVisiblyWhenTheFileOrTheSessionGoes() throws IOException {
        try (Session own = Session.begin(api)) {
            // Open for writing before it is read: who opens it later waits until it is sent.
            assertThat(own.python("f = open('big', 'w+b', 0); f.truncate(25_000_000); f.seek(0)")
                            .exited(0))
                    .isTrue();
            assertThat(bytesOf(own, () -> own.python("f.write(b'x')"))).isBetween(100_000L, 24_999_999L);
            assertThat(bytesOf(own, own::end)).isBetween(100_000L, 24_999_999L);
        }
    }

    /** How much of a file's content comes when something is done while it is read. */
    private static long bytesOf(Session own, Runnable meanwhile) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(8192);
            api.connect(socket);
            socket.getOutputStream()
                    .write(("GET " + own.path() + "/files/big HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(UTF_8));
            assertThat(socket.getInputStream().readNBytes(150_000)).hasSize(150_000);
            meanwhile.run();
            return 150_000L + socket.getInputStream().readAllBytes().length;
        }
    }

    // Lists.

    @Test
    void listsEveryFilePageByPage() {
        try (Session own = Session.begin(api)) {
            assertThat(own.bash(
                                    "mkdir many && cd many && python3 -c \"[open('f%d' % i, 'w').close() for i in range(12000)]\"")
                            .exited(0))
                    .isTrue();
            List<String> expected = IntStream.range(0, 12_000)
                    .mapToObj("many/f%d"::formatted)
                    .sorted()
                    .toList();
            assertThat(page(own, "")).isEqualTo(expected.subList(0, 10_000));
            assertThat(page(own, "?after=" + expected.get(9_999))).isEqualTo(expected.subList(10_000, 12_000));
            assertThat(page(own, "?limit=3&after=many/f0")).isEqualTo(expected.subList(1, 4));
            assertThat(page(own, "?after=" + expected.getLast())).isEmpty();
            assertThat(own.bash(
                                    "rm -r many; n=$(printf 'n%.0s' {1..230}); for i in {1..17}; do mkdir $n; cd $n 2>/dev/null || break; done; for i in {1..900}; do : > $i; done")
                            .exitCode())
                    .isPresent();
            assertThat(page(own, "")).hasSize(900);
        }
    }

    @ParameterizedTest
    @CsvSource({"limit=0, 422", "limit=10001, 422", "limit=x, 422", "limit=10000, 200", "after=%FF, 400", "after=, 200"
    })
    void checksWhatAPageIsAskedFor(String query, int status) {
        assertThat(api.get(session.path() + "/files?" + query).status()).isEqualTo(status);
    }

    @Test
    void refusesAnEndlessAfter() {
        assertThat(api.get(session.path() + "/files?after=" + "a".repeat(4096)).status())
                .isEqualTo(200);
        assertThat(api.get(session.path() + "/files?after=" + "a".repeat(4097)).detail())
                .isEqualTo("after exceeds maximum of 4096 bytes");
    }

    // What clients do wrong.

    @Test
    void logsAtMostALineOfWhatClientsDoWrong() throws IOException {
        for (String path : List.of(
                session.path() + "/files/cut",
                "/v1/sessions/code-session-" + "0".repeat(32) + "/files/cut",
                "/v1/sessions/nothing/files/cut",
                "/v1/files")) {
            int before = service.log().length();
            for (String body : List.of(
                    "Content-Length: 1000\r\n\r\nab",
                    "Transfer-Encoding: chunked\r\n\r\n400\r\nab",
                    "Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
                    "Transfer-Encoding: chunked\r\n\r\n-5\r\nab\r\n0\r\n\r\n")) {
                try (Socket socket = api.connect()) {
                    socket.getOutputStream()
                            .write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + body).getBytes(UTF_8));
                    socket.shutdownOutput();
                    assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
                            .as(path + body)
                            .startsWith("HTTP/1.1 4");
                }
            }
            assertThat(service.log().substring(before).lines().count()).as(path).isLessThanOrEqualTo(4);
        }
        assertThat(session.files()).doesNotContainKey("cut");
    }

    // How many sessions.

    /** Sessions are counted on the engine, whichever service launched them: the one of this class is the first. */
    @Test
    void refusesMoreSessionsThanMayBe() {
        try (ServiceProcess small = ServiceProcess.start(Map.of("MAX_SESSIONS", "1"))) {
            Answer refused = small.api().post("/v1/sessions", "{}");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.detail()).contains("maximum of 1 sessions (MAX_SESSIONS)");
            assertThat(refused.header("retry-after")).contains("2");
            Await.until(
                    "the refusal in the metrics",
                    Duration.ofSeconds(5),
                    () -> small.api().get("/metrics").body().contains("reason=\"session_limit\""));
            assertThat(small.api().get("/metrics").body()).contains("code_interpreter_sessions_limit");
        }
    }

    private static List<String> paths(String query) {
        return page(session, query);
    }

    private static List<String> page(Session of, String query) {
        return api.get(of.path() + "/files" + query).json().getJsonArray("files").getValuesAs(JsonObject.class).stream()
                .map(file -> file.getString("path"))
                .toList();
    }

    private static String raw(String request, byte[] content) throws IOException {
        return raw(request, "Content-Length: " + content.length, new String(content, ISO_8859_1));
    }

    private static String raw(String request, String header, String body) throws IOException {
        return api.raw("%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n%s"
                .formatted(request, header, body)
                .getBytes(ISO_8859_1));
    }
}
