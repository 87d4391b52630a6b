package dev.codeinterpreter.server;

import dev.codeinterpreter.harness.Certificates;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The same clients when the port speaks HTTPS. */
class ClientWatchTlsTest extends ClientWatchTest {
    @TempDir
    private static Path directory;

    private static SSLContext server;
    private static SSLContext client;

    @BeforeAll
    static void certify() {
        Certificates certificates = new Certificates(directory);
        server = certificates.context(certificates.server());
        client = Certificates.trusting(directory.resolve("ca.pem"));
    }

    @Override
    void secure(WebServerConfig.Builder builder) {
        builder.tls(Tls.builder().sslContext(server).build());
    }

    @Override
    Socket open(int port) throws IOException {
        return client.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }
}
