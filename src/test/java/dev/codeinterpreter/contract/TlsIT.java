package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Certificates;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service whose port speaks HTTPS. What its connections do otherwise is in the tests of {@code server}. */
@Tag("complete")
@Timeout(120)
class TlsIT {
    private static final Duration BOUND = Duration.ofSeconds(40);

    @TempDir
    private static Path directory;

    private static Certificates certificates;
    private static Path mounted;
    private static ServiceProcess service;

    @BeforeAll
    static void start() throws IOException {
        certificates = new Certificates(directory);
        mounted = Files.createDirectory(directory.resolve("mounted"));
        Files.copy(directory.resolve("ca.pem"), mounted.resolve("ca.pem"));
        replace(certificates.server());
        service = ServiceProcess.onFake(environment(mounted.resolve("key.pem")));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void answersAndStreams() {
        assertThat(service.api().get("/ready").status()).isEqualTo(200);
        assertThat(service.log()).contains("tls=Optional[TlsFiles[certificate=" + mounted);
        Answer answer = service.api().execute(Program.of("1"));
        assertThat(answer.status()).isEqualTo(200);
        try (EventReader events = service.api().stream(Program.of("1"))) {
            assertThat(events.require().toString()).isNotEmpty();
        }
        String id = service.api().upload("a.txt", "x".repeat(1 << 20));
        assertThat(service.api().content(id)).hasSize(1 << 20);
    }

    /** Openssl's first message of TLS 1.1, which is refused with the alert protocol_version. */
    @Test
    void speaksNothingOlderThanTls12NorHttp() throws IOException {
        byte[] hello = new byte[] {
            22, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 4, 0, 47, 0, 53, 1, 0
        };
        try (Socket client = service.api().connect()) {
            client.getOutputStream().write(hello);
            byte[] alert = client.getInputStream().readNBytes(7);
            assertThat(alert).hasSize(7).startsWith(21).endsWith(2, 70);
        }
        try (Socket client = service.api().connect()) {
            client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
            assertThat(Api.head(client)).doesNotContain("HTTP/1.1");
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            try (SSLSocket client = connect(version)) {
                assertThat(get(client)).contains("200");
                assertThat(client.getSession().getProtocol()).isEqualTo(version);
            }
        }
    }

    @Test
    void takesOverANewPairAndKeepsConnectionsThroughItAndThroughASpoiltOne() throws IOException {
        try (SSLSocket kept = connect("TLSv1.3")) {
            assertThat(get(kept)).contains("200");
            replace(certificates.rsaServer());
            Await.until("the new certificate", BOUND, () -> subject().equals("CN=rsa-server"));
            assertThat(get(kept)).contains("200");

            Files.writeString(mounted.resolve("cert.pem"), "spoilt");
            Await.until(
                    "the problem", BOUND, () -> metric("tls_certificate_stale").equals("1"));
            assertThat(subject()).isEqualTo("CN=rsa-server");
            assertThat(get(kept)).contains("200");

            replace(certificates.server());
            Await.until("the first again", BOUND, () -> subject().equals("CN=server"));
            assertThat(metric("tls_certificate_stale")).isEqualTo("0");
            assertThat(Double.parseDouble(metric("tls_certificate_not_after_seconds")))
                    .isGreaterThan(1.7e9);
            assertThat(get(kept)).contains("200");
        }
        assertThat(service.log().lines().filter(line -> line.contains("cert.pem has no certificate")))
                .hasSize(1);
    }

    /** Clients that leave in the middle of an answer, of a body and of the handshake. */
    @Test
    void logsNothingOfClientsThatLeave() throws IOException {
        String id = service.api().upload("large.bin", "x".repeat(8 << 20));
        int before = Integer.parseInt(metric("connections_active"));
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            for (String request : List.of(
                    "GET /v1/files/%s HTTP/1.1|Host: localhost||".formatted(id),
                    "POST /v1/execute/stream HTTP/1.1|Host: localhost|Content-Type: application/json|Content-Length: 12||{\"code\":\"1\"}",
                    "POST /v1/execute HTTP/1.1|Host: localhost|Content-Type: application/json|Content-Length: 12||{")) {
                for (boolean politely : List.of(true, false)) {
                    SSLSocket client = connect(version);
                    client.getOutputStream().write(request.replace("|", "\r\n").getBytes(ISO_8859_1));
                    if (!politely) {
                        client.setSoLinger(true, 0);
                    }
                    client.close();
                }
            }
        }
        try (Socket client = service.api().connect()) {
            client.getOutputStream().write(22);
        }
        Await.until("all have gone", BOUND, () -> Integer.parseInt(metric("connections_active")) <= before);
        assertThat(service.log()).doesNotContain("\tat ", "WARNING: ");
    }

    @Test
    void doesNotStartWithAKeyThatIsNotTheCertificates() {
        Path other = certificates.client().resolve("key.pem");
        ServiceProcess.End end = ServiceProcess.startAndEnd(environment(other));
        assertThat(end.exitStatus()).isEqualTo(2);
        assertThat(end.log().lines().filter(line -> !line.contains("INFO")))
                .containsExactly("TLS_CERT_FILE and TLS_KEY_FILE cannot be used: " + other
                        + " is not the key of its certificate");
    }

    private static Map<String, String> environment(Path key) {
        return Map.of(
                "TLS_CERT_FILE", mounted.resolve("cert.pem").toString(),
                "TLS_KEY_FILE", key.toString(),
                "EXECUTOR_BACKEND", "fake");
    }

    /** Each file at once. The service may see one of them before the other. */
    private static void replace(Path pair) throws IOException {
        for (String name : List.of("key.pem", "cert.pem")) {
            Path next = mounted.resolve(name + ".next");
            Files.copy(pair.resolve(name), next, StandardCopyOption.REPLACE_EXISTING);
            Files.move(next, mounted.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static SSLSocket connect(String version) throws IOException {
        SSLContext trusting = Certificates.trusting(directory.resolve("ca.pem"));
        Socket plain = service.api().connect();
        SSLSocket client =
                (SSLSocket) trusting.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
        client.setEnabledProtocols(new String[] {version});
        client.startHandshake();
        return client;
    }

    /** Of the certificate that a new client is shown. */
    private static String subject() {
        try (SSLSocket client = connect("TLSv1.3")) {
            return Arrays.stream(client.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .findFirst()
                    .orElseThrow()
                    .getSubjectX500Principal()
                    .getName();
        } catch (IOException e) {
            throw new AssertionError("a client was not served", e);
        }
    }

    private static String get(Socket client) throws IOException {
        client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(ISO_8859_1));
        return Api.answer(client).lines().findFirst().orElse("");
    }

    private static String metric(String name) {
        return service.api()
                .get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("code_interpreter_" + name))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1).replaceFirst("\\.0$", ""))
                .findFirst()
                .orElse("none");
    }
}
