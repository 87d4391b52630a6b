package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.KeysFile;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ways around the keys. None of them leads to a file, a run or a metric. */
@Timeout(120)
class KeyAttacksIT {
    private static final KeysFile KEYS = KeysFile.create();
    private static final String KEY = KEYS.add("acme");
    private static final String OTHER = KEYS.add("beta");
    private static final String FILES_ONLY = KEYS.add("acme", "\"files\"", "");
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static ServiceProcess service;
    private static String file = "";
    private static String session = "";

    @BeforeAll
    static void start() {
        service = ServiceProcess.onFake(Map.of("AUTH_KEYS_FILE", KEYS.path().toString(), "METRICS_AUTH", "true"));
        file = service.api()
                .send(
                        "POST",
                        "/v1/files",
                        Map.of("Authorization", "Bearer " + KEY, "Content-Type", "multipart/form-data; boundary=b"),
                        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsecret\r\n--b--\r\n")
                .json()
                .getString("file_id");
        session = service.api()
                .send("POST", "/v1/sessions", KeysFile.bearer(KEY), "{}")
                .json()
                .getString("session_id");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /** The head of a request, with | for the ends of lines: {KEY} opens everything of acme, {OTHER} everything of beta. */
    static Stream<Arguments> attacks() {
        return Stream.of(
                        // Headers.
                        "an empty bearer / GET /v1/files HTTP/1.1|Authorization: Bearer |",
                        "the scheme alone / GET /v1/files HTTP/1.1|Authorization: Bearer|",
                        "the key alone / GET /v1/files HTTP/1.1|Authorization: {KEY}|",
                        "another scheme / GET /v1/files HTTP/1.1|Authorization: Digest {KEY}|",
                        "a tab / GET /v1/files HTTP/1.1|Authorization: Bearer\t{KEY}|",
                        "quotes / GET /v1/files HTTP/1.1|Authorization: Bearer \"{KEY}\"|",
                        "a comma / GET /v1/files HTTP/1.1|Authorization: Bearer x,Bearer {KEY}|",
                        "another case / GET /v1/files HTTP/1.1|Authorization: Bearer {UPPER}|",
                        "a key cut short / GET /v1/files HTTP/1.1|Authorization: Bearer {SHORT}|",
                        "a key with more / GET /v1/files HTTP/1.1|Authorization: Bearer {KEY}A|",
                        "percent-encoded / GET /v1/files HTTP/1.1|Authorization: Bearer ci%5F{REST}|",
                        "two credentials / GET /v1/files HTTP/1.1|Authorization: Bearer {KEY}|X-API-Key: {OTHER}|",
                        "the same twice / GET /v1/files HTTP/1.1|Authorization: Bearer {KEY}|Authorization: Bearer {KEY}|",
                        "a wrong one before / GET /v1/files HTTP/1.1|X-API-Key: x|X-API-Key: {KEY}|",
                        "the hash / GET /v1/files HTTP/1.1|X-API-Key: {HASH}|",
                        "a name that looks alike / GET /v1/files HTTP/1.1|X_API_Key: {KEY}|",
                        "for a proxy / GET /v1/files HTTP/1.1|Proxy-Authorization: Bearer {KEY}|",
                        "forwarded / GET /v1/files HTTP/1.1|X-Forwarded-Authorization: Bearer {KEY}|X-Forwarded-User: acme|",
                        "a cookie / GET /v1/files HTTP/1.1|Cookie: Authorization=Bearer {KEY}|",
                        "in the query / GET /v1/files?api_key={KEY}&access_token={KEY} HTTP/1.1||",
                        "in the address / GET http://x:{KEY}@localhost/v1/files HTTP/1.1||",
                        "folded / GET /v1/files HTTP/1.1|Authorization: Bearer| {KEY}|",
                        "very long / GET /v1/files HTTP/1.1|Authorization: Bearer {LONG}|",
                        "a NUL / GET /v1/files HTTP/1.1|Authorization: Bearer {KEY}\0|",
                        "basic with the key as user / GET /v1/files HTTP/1.1|Authorization: Basic {USER}|",
                        "basic not in base64 / GET /v1/files HTTP/1.1|Authorization: Basic x:{KEY}|",
                        "basic without a colon / GET /v1/files HTTP/1.1|Authorization: Basic {BARE}|",
                        "a token of nobody / GET /v1/files HTTP/1.1|Authorization: Bearer eyJhbGciOiJub25lIn0.e30.|",
                        // Paths.
                        "two slashes / GET //v1/files HTTP/1.1||",
                        "a slash behind / GET /v1/files/ HTTP/1.1||",
                        "through an open one / GET /health/../v1/files HTTP/1.1||",
                        "the same encoded / GET /health/%2e%2e/v1/files HTTP/1.1||",
                        "through the pages / GET /docs/..%2fv1%2ffiles HTTP/1.1||",
                        "a semicolon / GET /v1/files;x=/health HTTP/1.1||",
                        "an open one behind a semicolon / GET /health;/../v1/files HTTP/1.1||",
                        "letters encoded / GET /%76%31/files HTTP/1.1||",
                        "metrics encoded / GET /%6detrics HTTP/1.1||",
                        "metrics with a semicolon / GET /metrics;x HTTP/1.1||",
                        "metrics below / GET /metrics/base HTTP/1.1||",
                        "metrics with two slashes / GET //metrics HTTP/1.1||",
                        "metrics without the scope / GET /metrics;x HTTP/1.1|X-API-Key: {FILES_ONLY}|",
                        "metrics encoded without the scope / GET /%6d%65trics HTTP/1.1|X-API-Key: {FILES_ONLY}|",
                        "health of another kind / GET /health/all HTTP/1.1||",
                        // Methods and versions.
                        "HEAD / HEAD /v1/files HTTP/1.1||",
                        "OPTIONS / OPTIONS /v1/files HTTP/1.1||",
                        "TRACE / TRACE /v1/files HTTP/1.1|X-API-Key: {KEY}|",
                        "a method in a header / GET /health HTTP/1.1|X-HTTP-Method-Override: POST|X-Original-URL: /v1/files|"
                                + "X-Rewrite-URL: /v1/files|=200 without files",
                        "HTTP 1.0 / GET /v1/files HTTP/1.0||",
                        "a run without a key / POST /v1/execute HTTP/1.1|Content-Type: application/json|Content-Length: 12|",
                        "a run without the scope / POST /v1/execute HTTP/1.1|X-API-Key: {FILES_ONLY}|Content-Type: application/json|Content-Length: 0|",
                        // What is another tenant's.
                        "another's file / GET /v1/files/{FILE} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's file in upper case / GET /v1/files/{FILE_UPPER} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's file by HEAD / HEAD /v1/files/{FILE} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's file deleted / DELETE /v1/files/{FILE} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's session / GET /v1/sessions/{SESSION} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's session's files / GET /v1/sessions/{SESSION}/files HTTP/1.1|X-API-Key: {OTHER}|",
                        "a session named through another / GET /v1/sessions/{SESSION}/../{SESSION} HTTP/1.1|X-API-Key: {OTHER}|",
                        "another's session ended / DELETE /v1/sessions/{SESSION} HTTP/1.1|X-API-Key: {OTHER}|")
                .map(row -> row.split(" / ", 2))
                .map(row -> Arguments.of(row[0], row[1]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void isRefused(String name, String head) throws IOException {
        boolean isHarmless = head.contains("=200 without files");
        String request = filled(head.replace("=200 without files", "")).replace("|", "\r\n");
        String withHost = request.replaceFirst("\r\n", "\r\nHost: localhost\r\n");
        String answer = ask(withHost.endsWith("\r\n\r\n") ? withHost : withHost + "\r\n");
        assertThat(answer)
                .as(name)
                .doesNotContain("secret")
                .doesNotContain("file_id")
                .doesNotContain("code_interpreter_");
        if (!isHarmless) {
            assertThat(answer).as(name).matches("(?s)(HTTP/1\\.[01] (400|401|403|404|405|413|414|431|505) .*)?");
        }
    }

    @Test
    void whatIsAttackedIsStillThereAndItsOwnerStillComesIn() {
        Api api = service.api();
        assertThat(api.send("GET", "/v1/files/" + file, KeysFile.bearer(KEY), "")
                        .body())
                .isEqualTo("secret");
        assertThat(api.send("DELETE", "/v1/sessions/" + session, KeysFile.bearer(KEY), "")
                        .status())
                .isEqualTo(204);
        session = api.send("POST", "/v1/sessions", KeysFile.bearer(KEY), "{}")
                .json()
                .getString("session_id");
    }

    /** From one address: the wrong ones wait, and the right one does not. */
    @Test
    void guessingIsSlowAndLocksNobodyOut() {
        long start = System.nanoTime();
        for (int i = 0; i < 13; i++) {
            assertThat(service.api()
                            .send("GET", "/v1/files", KeysFile.bearer("ci_" + "g".repeat(43)), "")
                            .status())
                    .isEqualTo(401);
        }
        assertThat(System.nanoTime() - start).isGreaterThan(2_000_000_000L);
        assertThat(service.api()
                        .send("GET", "/v1/files", KeysFile.bearer(KEY), "")
                        .status())
                .isEqualTo(200);
    }

    private static String ask(String request) throws IOException {
        int number = ADDRESSES.incrementAndGet();
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 2, 0, (byte) number}), 0));
            service.api().connect(socket);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return request.startsWith("HEAD") ? Api.head(socket) : Api.answer(socket);
        } catch (java.net.SocketException e) {
            // It was cut: refused without a word.
            return "";
        }
    }

    private static String filled(String text) {
        byte[] user = (KEY + ":").getBytes(ISO_8859_1);
        return text.replace("{KEY}", KEY)
                .replace("{OTHER}", OTHER)
                .replace("{FILES_ONLY}", FILES_ONLY)
                .replace("{UPPER}", KEY.toUpperCase(java.util.Locale.ROOT))
                .replace("{SHORT}", KEY.substring(0, KEY.length() - 1))
                .replace("{REST}", KEY.substring(3))
                .replace("{HASH}", KeysFile.hash(KEY))
                .replace("{LONG}", KEY + "A".repeat(9000))
                .replace("{USER}", Base64.getEncoder().encodeToString(user))
                .replace("{BARE}", Base64.getEncoder().encodeToString(Arrays.copyOf(user, user.length - 1)))
                .replace("{FILE}", file)
                .replace("{FILE_UPPER}", file.toUpperCase(java.util.Locale.ROOT))
                .replace("{SESSION}", session);
    }
}
