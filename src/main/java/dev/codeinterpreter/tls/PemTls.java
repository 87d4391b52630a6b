package dev.codeinterpreter.tls;

import io.helidon.common.tls.ConfiguredTlsManager;
import io.helidon.common.tls.TlsConfig;

/** Helidon's, with a key that {@link PemFiles} has read: its own reader knows no keys of the form EC PRIVATE KEY. */
final class PemTls extends ConfiguredTlsManager {
    /** Only of clients of TLS 1.2 that know no tickets; the JDK would keep 20,480 of them, each with 1 to 5 KB. */
    private static final int MAX_CACHED_SESSIONS = 1000;

    private final ServerCertificate certificate;

    PemTls(String name, ServerCertificate certificate) {
        super(name, PemTlsProvider.TYPE);
        this.certificate = certificate;
    }

    @Override
    public void init(TlsConfig settings) {
        super.init(certificate.in(settings));
        sslContext().getServerSessionContext().setSessionCacheSize(MAX_CACHED_SESSIONS);
    }
}
