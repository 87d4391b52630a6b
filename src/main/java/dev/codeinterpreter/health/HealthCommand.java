package dev.codeinterpreter.health;

import dev.codeinterpreter.tls.PemFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * {@code code-interpreter-health} where the port speaks HTTPS, which a shell does not: ends with 0 when GET /health answers
 * 200. It trusts the certificate in TLS_CERT_FILE and nothing else, whatever name that is for.
 */
public final class HealthCommand {
    /** Less than the image's HEALTHCHECK has. */
    private static final int TIMEOUT_MS = 4000;

    private static final int OK = 200;

    private HealthCommand() {}

    public static void main(String[] arguments) {
        String port = System.getenv().getOrDefault("PORT", "8000");
        try {
            int status = status(Integer.parseInt(port), Path.of(System.getenv().getOrDefault("TLS_CERT_FILE", "")));
            if (status == OK) {
                return;
            }
            System.err.println("GET /health answered " + status);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            System.err.println("GET /health has no answer: " + e.getMessage());
        }
        System.exit(1);
    }

    /** Of the answer of the service on this machine. */
    static int status(int port, Path certificate) throws IOException, GeneralSecurityException {
        HttpsURLConnection connection = (HttpsURLConnection) URI.create("https://127.0.0.1:%d/health".formatted(port))
                .toURL()
                .openConnection();
        connection.setSSLSocketFactory(
                trusting(PemFiles.certificates(certificate).getFirst()).getSocketFactory());
        connection.setHostnameVerifier((_, _) -> true);
        connection.setConnectTimeout(TIMEOUT_MS);
        connection.setReadTimeout(TIMEOUT_MS);
        return connection.getResponseCode();
    }

    private static SSLContext trusting(X509Certificate certificate) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("service", certificate);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
