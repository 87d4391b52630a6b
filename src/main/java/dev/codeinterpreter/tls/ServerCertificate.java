package dev.codeinterpreter.tls;

import dev.codeinterpreter.config.TlsFiles;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * What the service shows its clients.
 *
 * @param chain its certificate first
 * @param key of that certificate
 */
record ServerCertificate(List<X509Certificate> chain, PrivateKey key) {
    /** @throws IllegalArgumentException naming the file that is wrong, and what is wrong with it */
    static ServerCertificate parse(TlsFiles files, PemPair content) {
        List<X509Certificate> chain =
                PemFiles.certificates(files.certificate(), content.certificate().array());
        return new ServerCertificate(
                chain,
                PemFiles.key(
                        files.key(), content.key().array(), chain.getFirst().getPublicKey()));
    }

    /** From when on clients refuse it. */
    Instant notAfter() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /**
     * The same settings with this one. No client is asked for a certificate, so whom to trust means nothing; but Helidon 4.4
     * takes over no new key where that was not set.
     */
    TlsConfig in(TlsConfig settings) {
        return TlsConfig.builder(settings)
                .privateKey(key)
                .privateKeyCertChain(chain)
                .trust(chain)
                .buildPrototype();
    }

    /** For the web server to take over the key and the chain. */
    Tls tls() {
        return Tls.create(in(TlsConfig.builder().buildPrototype()));
    }
}
