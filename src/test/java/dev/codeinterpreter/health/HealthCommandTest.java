package dev.codeinterpreter.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.codeinterpreter.harness.Certificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HealthCommandTest {
    @Test
    void asksWhatShowsTheCertificateOfTheFileAndNothingElse(@TempDir Path directory) throws Exception {
        Certificates certificates = new Certificates(directory);
        Path own = certificates.serverOfAnotherName();
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificates.context(own)));
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            assertThat(HealthCommand.status(port, own.resolve("cert.pem"))).isEqualTo(503);
            Path other = certificates.server().resolve("cert.pem");
            assertThatThrownBy(() -> HealthCommand.status(port, other)).isInstanceOf(SSLHandshakeException.class);
        } finally {
            server.stop(0);
        }
    }
}
