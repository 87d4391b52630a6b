package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Certificates;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.OnlyOnDocker;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.TlsProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine on a port that speaks TLS and demands a client certificate; what can go wrong is in EngineTlsTest. Here that is a
 * proxy; with {@code -Ddocker.tls} an engine itself, as {@code dev/test --engines} has one.
 */
@Timeout(60)
@OnlyOnDocker("an engine behind TLS")
class EngineTlsIT {
    @Test
    void runsProgramsAndSessionsOnAnEngineBehindTls(@TempDir Path directory) throws IOException {
        Certificates certificates = new Certificates(directory);
        try (TlsProxy engine =
                        new TlsProxy(Path.of(DockerEngine.socket()), certificates.context(certificates.server()));
                ServiceProcess service = ServiceProcess.start(environment(engine, certificates.client()))) {
            assertThat(service.api().run("print(6 * 7)").stdout()).isEqualTo("42\n");
            try (Session session = Session.begin(service.api())) {
                assertThat(session.bash("echo $((6 * 7))").stdout()).isEqualTo("42\n");
            }
            service.engine().awaitNone(Duration.ofSeconds(10));
        }
        try (TlsProxy engine =
                        new TlsProxy(Path.of(DockerEngine.socket()), certificates.context(certificates.server()));
                ServiceProcess service =
                        ServiceProcess.start(environment(engine, certificates.clientWithoutCertificate()))) {
            Answer ready = service.api().get("/ready");
            assertThat(ready.status()).isEqualTo(503);
            String problem = ready.json().getString("message");
            assertThat(problem).contains("client certificate, and there is no cert.pem in DOCKER_CERT_PATH");
            assertThat(service.log().lines().filter(line -> line.contains("WARNING")))
                    .singleElement()
                    .asString()
                    .contains("backend docker: ", "client certificate, and there is no cert.pem in DOCKER_CERT_PATH");
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "docker.tls", matches = ".+", disabledReason = "no engine speaks TLS here")
    void saysThatAnEngineRefusesAStrangersCertificate(@TempDir Path directory) throws IOException {
        String engine = System.getProperty("docker.tls", "");
        Path authority = Path.of(System.getProperty("docker.certificates", ""), "ca.pem");
        Path stranger = new Certificates(directory).client();
        Files.copy(authority, stranger.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(problem(engine, stranger))
                .isEqualTo("the container engine refuses the client certificate, cert.pem in DOCKER_CERT_PATH");
        Files.delete(stranger.resolve("cert.pem"));
        Files.delete(stranger.resolve("key.pem"));
        assertThat(problem(engine, stranger))
                .isEqualTo(
                        "the container engine demands a client certificate, and there is no cert.pem in DOCKER_CERT_PATH");
    }

    /** What /ready says. */
    private static String problem(String engine, Path certificates) {
        try (ServiceProcess service = ServiceProcess.start(environment(engine, certificates))) {
            Answer ready = service.api().get("/ready");
            assertThat(ready.status()).isEqualTo(503);
            return ready.json().getString("message");
        }
    }

    private static Map<String, String> environment(TlsProxy engine, Path certificates) {
        return environment(engine.address(), certificates);
    }

    private static Map<String, String> environment(String engine, Path certificates) {
        return Map.of("DOCKER_HOST", engine, "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", certificates.toString());
    }
}
