package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test's own, and what it signs, made by openssl in a directory of the test's. */
public final class Certificates {
    private static final List<String> CURVE = List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");

    private static final String PASSWORD = "password";

    private final Path directory;

    public Certificates(Path directory) {
        this.directory = directory;
        openssl(
                "req",
                "-x509",
                CURVE,
                "-nodes",
                "-keyout",
                "ca-key.pem",
                "-out",
                "ca.pem",
                "-subj",
                "/CN=ca",
                "-days",
                "2");
    }

    /** The directory that an engine for 127.0.0.1 has: ca.pem, cert.pem, key.pem. */
    public Path server() {
        return signed("server", "2", "subjectAltName=IP:127.0.0.1", CURVE);
    }

    /** Another one for 127.0.0.1, with a key of RSA. */
    public Path rsaServer() {
        return signed("rsa-server", "2", "subjectAltName=IP:127.0.0.1", List.of("-newkey", "rsa:2048"));
    }

    /** For a name that nothing here has. */
    public Path serverOfAnotherName() {
        return signed("elsewhere", "2", "subjectAltName=DNS:elsewhere.example", CURVE);
    }

    public Path expiredServer() {
        return signed("expired-server", "-1", "subjectAltName=IP:127.0.0.1", CURVE);
    }

    /** The directory that DOCKER_CERT_PATH names. */
    public Path client() {
        return signed("client", "2", "extendedKeyUsage=clientAuth", CURVE);
    }

    public Path expiredClient() {
        return signed("expired-client", "-1", "extendedKeyUsage=clientAuth", CURVE);
    }

    public Path rsaClient() {
        return signed("rsa-client", "2", "extendedKeyUsage=clientAuth", List.of("-newkey", "rsa:2048"));
    }

    /** One that trusts us and that nobody knows. */
    public Path clientWithoutCertificate() {
        return copyAuthority("anonymous");
    }

    /** Of an engine with such a directory, which asks its clients for a certificate of this authority. */
    public SSLContext context(Path server) {
        Path store = server.resolve("store.p12");
        openssl(
                List.of("pkcs12", "-export", "-in", server.resolve("cert.pem"), "-inkey", server.resolve("key.pem")),
                List.of("-out", store, "-passout", "pass:" + PASSWORD));
        try {
            KeyStore own = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, PASSWORD.toCharArray());
            return context(keys.getKeyManagers(), directory.resolve("ca.pem"));
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Of a client that has no certificate and trusts one authority. */
    public static SSLContext trusting(Path authority) {
        try {
            return context(new KeyManager[0], authority);
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext context(KeyManager[] own, Path authority) throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, trust.getTrustManagers(), null);
        return context;
    }

    /** Runs openssl in the directory; lists are taken apart. */
    public void openssl(Object... arguments) {
        List<String> command = Stream.concat(
                        Stream.of("openssl"),
                        Arrays.stream(arguments)
                                .flatMap(argument -> argument instanceof List<?> list
                                        ? list.stream().map(Object::toString)
                                        : Stream.of(argument.toString())))
                .toList();
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private Path signed(String name, String days, String extension, List<String> key) {
        Path own = copyAuthority(name);
        try {
            Files.writeString(own.resolve("extension"), extension);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        openssl("req", key, "-nodes", "-keyout", name + "/key.pem", "-out", name + "/csr", "-subj", "/CN=" + name);
        openssl(
                "x509",
                "-req",
                "-in",
                name + "/csr",
                List.of("-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial"),
                List.of("-extfile", name + "/extension", "-days", days),
                "-out",
                name + "/cert.pem");
        return own;
    }

    private Path copyAuthority(String name) {
        try {
            Path own = Files.createDirectories(directory.resolve(name));
            Files.copy(directory.resolve("ca.pem"), own.resolve("ca.pem"), StandardCopyOption.REPLACE_EXISTING);
            return own;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
