package dev.codeinterpreter.config;

import java.time.Duration;
import java.util.Optional;

/**
 * HOST, PORT, SHUTDOWN_GRACE_SEC, MIN_TRANSFER_BYTES_PER_SEC, TLS_CERT_FILE and TLS_KEY_FILE, under the names that the web
 * server reads. They cannot be references in the properties file, because an empty variable means the default here and
 * nothing there.
 *
 * @param shutdownGrace that running requests have after SIGTERM; what runs then is interrupted
 * @param minTransferRate bytes per second of a body and of an answer, averaged over a minute; zero for any rate
 * @param tls of the port, if it speaks HTTPS
 */
public record ServerSettings(
        String host, int port, Duration shutdownGrace, int minTransferRate, Optional<TlsFiles> tls) {

    public static ServerSettings from(Settings settings) {
        return new ServerSettings(
                settings.text("HOST", "0.0.0.0"),
                settings.integer("PORT", 8000, 0, 65_535),
                settings.seconds("SHUTDOWN_GRACE_SEC", 30, 0, 3600),
                settings.integer("MIN_TRANSFER_BYTES_PER_SEC", 1024, 0, 1 << 20),
                TlsFiles.from(settings));
    }

    /** Whether only this machine can connect. */
    public boolean isLoopback() {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1") || host.equals("[::1]");
    }

    /** Before the container starts. */
    public void apply() {
        System.setProperty("server.host", host);
        System.setProperty("server.port", Integer.toString(port));
        System.setProperty("server.shutdown-grace-period", shutdownGrace.toString());
        System.setProperty("server.protocols.watched_http.min-bytes-per-second", Integer.toString(minTransferRate));
        tls.ifPresent(ServerSettings::apply);
    }

    private static void apply(TlsFiles files) {
        System.setProperty(
                "server.tls.manager.pem_files.certificate", files.certificate().toString());
        System.setProperty("server.tls.manager.pem_files.key", files.key().toString());
        // What the web server has for these does not reach sockets on virtual threads.
        System.setProperty("jdk.tls.server.protocols", "TLSv1.3,TLSv1.2");
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }
}
