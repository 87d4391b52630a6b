package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.tls.PemFiles;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS to an engine on a port, from the files that docker's own client reads in DOCKER_CERT_PATH: {@code ca.pem}, and if
 * the engine wants to know us {@code cert.pem} and {@code key.pem}. They are read once.
 *
 * @param context that trusts {@code ca.pem} and nothing else
 * @param client our own certificate, if there is one
 */
record EngineTls(SSLContext context, Optional<X509Certificate> client) {
    private static final char[] NO_PASSWORD = {};

    /** @throws IllegalArgumentException naming the file that is missing or wrong */
    static EngineTls read(Path directory) {
        List<X509Certificate> authorities = PemFiles.certificates(directory.resolve("ca.pem"));
        Path certificate = directory.resolve("cert.pem");
        Path key = directory.resolve("key.pem");
        if (Files.exists(certificate) != Files.exists(key)) {
            boolean hasKey = Files.exists(key);
            throw new IllegalArgumentException("there is %s without %s"
                    .formatted(hasKey ? key : certificate, hasKey ? certificate : key.getFileName()));
        }
        List<X509Certificate> chain = Files.exists(key) ? PemFiles.certificates(certificate) : List.of();
        try {
            KeyStore trusted = store();
            for (int i = 0; i < authorities.size(); i++) {
                trusted.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            KeyStore own = store();
            if (!chain.isEmpty()) {
                PrivateKey privateKey = PemFiles.key(key, chain.getFirst().getPublicKey());
                own.setKeyEntry("client", privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
            }
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return new EngineTls(context, chain.stream().findFirst());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the certificates in %s cannot be used".formatted(directory), e);
        }
    }

    /** Why a call failed, in a sentence that may be shown to a client; nothing when TLS is not the reason. */
    Optional<String> problem(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            causes.add(cause);
        }
        if (has(causes, CertificateExpiredException.class)) {
            return Optional.of("the certificate of the container engine has expired");
        }
        if (has(causes, CertificateNotYetValidException.class)) {
            return Optional.of("the certificate of the container engine is not yet valid");
        }
        if (has(causes, SSLPeerUnverifiedException.class)) {
            return Optional.of("the certificate of the container engine is not for the name in DOCKER_HOST");
        }
        if (has(causes, CertPathBuilderException.class)
                || has(causes, CertPathValidatorException.class)
                || has(causes, CertificateException.class)) {
            return Optional.of("the certificate of the container engine is not signed by ca.pem in DOCKER_CERT_PATH");
        }
        if (causes.stream().anyMatch(EngineTls::isClosed)) {
            // Since TLS 1.3 an engine says what it misses behind the handshake, and its closing may come before that.
            return ofClient();
        }
        return causes.stream()
                .filter(SSLException.class::isInstance)
                .map(thrown -> ofHandshake(String.valueOf(thrown.getMessage())))
                .findFirst();
    }

    private String ofHandshake(String message) {
        if (message.contains("Unsupported or unrecognized SSL message")) {
            return "the container engine does not speak TLS, which DOCKER_TLS_VERIFY asks for";
        }
        if (!message.contains("alert")) {
            return "TLS with the container engine fails";
        }
        return ofClient().orElse("the container engine refuses the client certificate, cert.pem in DOCKER_CERT_PATH");
    }

    /** What an engine may have against our certificate. */
    private Optional<String> ofClient() {
        if (client.isEmpty()) {
            return Optional.of(
                    "the container engine demands a client certificate, and there is no cert.pem in DOCKER_CERT_PATH");
        }
        try {
            client.get().checkValidity();
            return Optional.empty();
        } catch (CertificateExpiredException e) {
            return Optional.of("the client certificate, cert.pem in DOCKER_CERT_PATH, has expired");
        } catch (CertificateNotYetValidException e) {
            return Optional.of("the client certificate, cert.pem in DOCKER_CERT_PATH, is not yet valid");
        }
    }

    /** Neither refused nor unreachable, whose exceptions are of classes below this one. The other is the transport's own. */
    private static boolean isClosed(Throwable failure) {
        return failure.getClass().equals(SocketException.class)
                || failure.getClass().getSimpleName().equals("NoHttpResponseException");
    }

    private static boolean has(List<Throwable> causes, Class<? extends Throwable> type) {
        return causes.stream().anyMatch(type::isInstance);
    }

    private static KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}
