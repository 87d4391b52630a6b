package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Proxy;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Behind the proxies that most installations have, one of which asks in HTTP/1.0, clients see what they see without. */
@Tag("complete")
@Timeout(120)
class ProxiesIT {
    private static final Duration END = Duration.ofSeconds(30);
    private static final Map<Proxy.Kind, Proxy> PROXIES = new HashMap<>();

    @BeforeAll
    static void start() {
        for (Proxy.Kind kind : Proxy.Kind.values()) {
            if (kind.isInstalled()) {
                PROXIES.put(kind, Proxy.start(kind, service()));
            }
        }
    }

    @AfterAll
    static void stop() {
        PROXIES.values().forEach(Proxy::close);
        PROXIES.clear();
    }

    @ParameterizedTest
    @EnumSource
    void runPrograms(Proxy.Kind kind) {
        Api api = behind(kind);
        assertThat(api.run("print('x' * 300_000)").stdout()).isEqualTo("x".repeat(300_000) + "\n");
        assertThat(api.run("raise SystemExit(3)").exited(3)).isTrue();
    }

    /** The answer has no length, and the first event arrives while the program runs for longer than this test may. */
    @ParameterizedTest
    @EnumSource
    @Timeout(45)
    void passEventsOnAsTheyAreWritten(Proxy.Kind kind) {
        Program program = Program.of("print('first', flush=True); import time; time.sleep(55)")
                .timeoutMs(60_000);
        try (EventReader events = behind(kind).stream(program)) {
            assertThat(events.require().text()).isEqualTo("first\n");
        }
        service().engine().awaitNone(END);
    }

    @ParameterizedTest
    @EnumSource
    void endStreams(Proxy.Kind kind) {
        try (EventReader events = behind(kind).stream(Program.of("print('x' * 100_000)"))) {
            Streamed all = events.readAll();
            assertThat(all.stdout()).isEqualTo("x".repeat(100_000) + "\n");
            assertThat(all.result().exited(0)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void storeAndReturnFiles(Proxy.Kind kind) throws IOException {
        Api api = behind(kind);
        byte[] content = "0123456789abcdef".repeat(300_000).getBytes(UTF_8);
        String id = api.upload("large.bin", BodyPublishers.ofByteArray(content));
        HttpResponse<InputStream> download = api.download(id);
        try (InputStream body = download.body()) {
            assertThat(body.readAllBytes()).isEqualTo(content);
        }
        assertThat(download.headers().firstValueAsLong("content-length")).hasValue(content.length);
        assertThat(api.run(Program.of("import os; print(os.path.getsize('in.bin'))")
                                .file("in.bin", id))
                        .stdout())
                .isEqualTo(content.length + "\n");
        assertThat(api.send("HEAD", "/v1/files/" + id, Map.of(), "").status()).isEqualTo(200);
        assertThat(api.delete("/v1/files/" + id).status()).isEqualTo(204);
        assertThat(api.get("/v1/files/" + id).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @EnumSource
    void keepSessions(Proxy.Kind kind) {
        Api api = behind(kind);
        try (Session session = Session.begin(api, "{\"ttl_seconds\":60}")) {
            assertThat(session.python("x = 41").exited(0)).isTrue();
            assertThat(session.python("print(x + 1)").stdout()).isEqualTo("42\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void refuseWhatTheServiceRefuses(Proxy.Kind kind) {
        Answer answer = behind(kind).post("/v1/execute", "{\"code\": 5}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().getString("code")).isEqualTo("invalid_request");
    }

    /** nginx hangs up on the service when its client has; the program would run for longer than this test may. */
    @Test
    @Timeout(45)
    void tellWhenAClientLeaves() throws IOException {
        Program program = Program.of("import time; time.sleep(55)").timeoutMs(60_000);
        try (Socket leaving = behind(Proxy.Kind.NGINX).begin(program)) {
            service().engine().awaitRunning(END);
            leaving.setSoLinger(true, 0);
        }
        service().engine().awaitNone(END);
    }

    private static ServiceProcess service() {
        return ServiceProcess.shared(Map.of());
    }

    private static Api behind(Proxy.Kind kind) {
        Proxy proxy = PROXIES.get(kind);
        Assumptions.assumeTrue(proxy != null, "skipped: there is no %s here".formatted(kind));
        return requireNonNull(proxy).api();
    }
}
