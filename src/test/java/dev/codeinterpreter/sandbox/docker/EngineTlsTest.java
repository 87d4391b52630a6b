package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.harness.Certificates;
import dev.codeinterpreter.harness.TlsProxy;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.ResourceLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of an engine on a port, from the files of DOCKER_CERT_PATH and a real handshake. */
@Timeout(30)
class EngineTlsTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

    @TempDir
    private static Path directory;

    private static Certificates certificates;
    private static FakeEngine engine;

    @BeforeAll
    static void begin() throws IOException {
        certificates = new Certificates(directory);
        engine = new FakeEngine(directory.resolve("engine.sock"));
        engine.answers("GET /_ping", OK);
        engine.answers("GET /version", OK);
        engine.answers("GET /images/code-interpreter-executor:latest/json", OK);
    }

    @AfterAll
    static void end() throws IOException {
        engine.close();
    }

    @Test
    void trustsTheAuthorityAndIsKnown() throws IOException {
        assertThat(check(certificates.server(), certificates.client())).isEqualTo(BackendHealth.ok());
        assertThat(check(certificates.server(), certificates.rsaClient())).isEqualTo(BackendHealth.ok());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec", "rsa"})
    void readsTheOlderFormsOfKeys(String algorithm) throws IOException {
        Path client = algorithm.equals("ec") ? certificates.client() : certificates.rsaClient();
        certificates.openssl(
                algorithm,
                "-in",
                client.resolve("key.pem"),
                "-out",
                client.resolve("old.pem"),
                algorithm.equals("ec") ? List.of() : "-traditional");
        Files.move(client.resolve("old.pem"), client.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(client.resolve("key.pem")).content().contains("BEGIN %S PRIVATE KEY".formatted(algorithm));
        assertThat(check(certificates.server(), client)).isEqualTo(BackendHealth.ok());
    }

    @Test
    void saysThatAnotherAuthorityHasSigned(@TempDir Path other) throws IOException {
        assertProblem(
                new Certificates(other).server(),
                certificates.client(),
                "the certificate of the container engine is not signed by ca.pem in DOCKER_CERT_PATH");
        assertProblem(
                certificates.server(),
                withAuthorityOf(new Certificates(other).client(), certificates),
                "the container engine refuses the client certificate, cert.pem in DOCKER_CERT_PATH");
    }

    @Test
    void saysThatTheEngineWantsToKnowUs() throws IOException {
        assertProblem(
                certificates.server(),
                certificates.clientWithoutCertificate(),
                "the container engine demands a client certificate, and there is no cert.pem in DOCKER_CERT_PATH");
    }

    @Test
    void saysWhichCertificateHasExpired() throws IOException {
        assertProblem(
                certificates.expiredServer(),
                certificates.client(),
                "the certificate of the container engine has expired");
        assertProblem(
                certificates.server(),
                certificates.expiredClient(),
                "the client certificate, cert.pem in DOCKER_CERT_PATH, has expired");
    }

    @Test
    void saysThatTheCertificateIsForAnotherName() throws IOException {
        assertProblem(
                certificates.serverOfAnotherName(),
                certificates.client(),
                "the certificate of the container engine is not for the name in DOCKER_HOST");
    }

    /** As the engine, being written in Go, answers who does not speak TLS; and as it looks the other way round. */
    @Test
    void saysThatOnlyOneOfBothSpeaksTls() throws IOException {
        try (ServerSocket plain = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answerEach(plain));
            String address = "tcp://127.0.0.1:" + plain.getLocalPort();
            assertThat(check(Map.of("DOCKER_HOST", address)).problem())
                    .contains("the container engine speaks TLS: set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH");
            assertThat(check(Map.of(
                                    "DOCKER_HOST",
                                    address,
                                    "DOCKER_TLS_VERIFY",
                                    "1",
                                    "DOCKER_CERT_PATH",
                                    certificates.client().toString()))
                            .problem())
                    .contains("the container engine does not speak TLS, which DOCKER_TLS_VERIFY asks for");
        }
    }

    @Test
    void namesTheFileThatIsWrong(@TempDir Path other) throws IOException {
        assertRefuses(other, "ca.pem cannot be read");
        Files.writeString(other.resolve("ca.pem"), "");
        assertRefuses(other, "ca.pem has no certificate");
        Files.writeString(other.resolve("ca.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertRefuses(other, "ca.pem has no certificate that can be read");

        Path client = certificates.client();
        Path rsa = certificates.rsaClient();
        Files.copy(rsa.resolve("key.pem"), client.resolve("key.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertRefuses(client, "key.pem is not the key of its certificate");
        certificates.openssl("ec", "-in", certificates.server().resolve("key.pem"), "-out", client.resolve("key.pem"));
        assertRefuses(client, "key.pem is not the key of its certificate");
        certificates.openssl(
                "rsa",
                "-aes128",
                "-passout",
                "pass:x",
                "-in",
                rsa.resolve("key.pem"),
                "-out",
                client.resolve("key.pem"));
        assertRefuses(client, "key.pem has no private key without a password");
        Files.delete(client.resolve("key.pem"));
        assertRefuses(client, "cert.pem without key.pem");
    }

    private static void assertRefuses(Path path, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EngineTls.read(path))
                .withMessageEndingWith(message);
    }

    private static void assertProblem(Path server, Path client, String problem) throws IOException {
        assertThat(check(server, client).problem()).contains(problem);
    }

    private static Path withAuthorityOf(Path client, Certificates other) throws IOException {
        Files.copy(
                other.clientWithoutCertificate().resolve("ca.pem"),
                client.resolve("ca.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        return client;
    }

    private static BackendHealth check(Path server, Path client) throws IOException {
        Path socket = Path.of(engine.address().getPath());
        try (TlsProxy proxy = new TlsProxy(socket, certificates.context(server))) {
            return check(Map.of(
                    "DOCKER_HOST", proxy.address(), "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", client.toString()));
        }
    }

    private static BackendHealth check(Map<String, String> variables) {
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        DockerBackend backend = new DockerBackend(settings, ResourceLimits.from(settings));
        try {
            settings.verify();
            return backend.check(Duration.ofSeconds(5));
        } finally {
            backend.close();
        }
    }

    private static void answerEach(ServerSocket plain) {
        byte[] answer = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
                .getBytes(StandardCharsets.US_ASCII);
        while (!plain.isClosed()) {
            try (Socket client = plain.accept()) {
                Object _ = client.getInputStream().read(new byte[4096]);
                client.getOutputStream().write(answer);
            } catch (IOException e) {
                // One client has left, as the search for the image does when its backend closes; or the test is over.
            }
        }
    }
}
