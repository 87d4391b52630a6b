package dev.codeinterpreter.tls;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.config.TlsFiles;
import dev.codeinterpreter.schedule.PeriodicTask;
import io.helidon.common.tls.Tls;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives the web server the certificate again whenever its files have changed. What cannot be used changes nothing and is
 * logged once. Connections stay; one that is in the middle of its handshake at that moment may fail.
 */
@SingleInstance
public class CertificateReloader {
    private static final System.Logger LOG = System.getLogger(CertificateReloader.class.getName());

    /** The kubelet takes a minute to change a mounted Secret, so some seconds more do not count. */
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final @Nullable TlsFiles files;
    private final Duration period;
    private volatile @Nullable Instant notAfter;
    private volatile @Nullable String problem;
    /** What was last judged, right or wrong; null when it could not be read. Of the task's thread alone. */
    private @Nullable PemPair read;

    private @Nullable PeriodicTask task;

    @Inject
    CertificateReloader(ServerSettings server) {
        this(server.tls(), PERIOD);
    }

    CertificateReloader(Optional<TlsFiles> files, Duration period) {
        this.files = files.orElse(null);
        this.period = period;
    }

    /**
     * From now on, and at once for the first time; nothing when the port speaks HTTP.
     *
     * @param server takes over key and chain for the handshakes to come
     */
    public void start(Consumer<Tls> server) {
        if (files != null) {
            TlsFiles watched = files;
            task = PeriodicTask.nowAndEvery(period, "certificate", () -> look(watched, server));
        }
    }

    public boolean isOn() {
        return files != null;
    }

    /** Why the present files are not used; empty when they are. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** From when on clients refuse the certificate that is used; empty before there is one. */
    public Optional<Instant> notAfter() {
        return Optional.ofNullable(notAfter);
    }

    private void look(TlsFiles watched, Consumer<Tls> server) {
        try {
            PemPair now = readOrForget(watched);
            if (now.equals(read)) {
                return;
            }
            read = now;
            ServerCertificate certificate = ServerCertificate.parse(watched, now);
            server.accept(certificate.tls());
            notAfter = certificate.notAfter();
            problem = null;
            LOG.log(
                    System.Logger.Level.INFO,
                    "TLS_CERT_FILE {0}: a certificate until {1}",
                    watched.certificate(),
                    certificate.notAfter());
        } catch (IllegalArgumentException e) {
            String now = "TLS_CERT_FILE and TLS_KEY_FILE cannot be used, and the certificate of before counts on: %s"
                    .formatted(e.getMessage());
            if (!now.equals(problem)) {
                LOG.log(System.Logger.Level.ERROR, now);
            }
            problem = now;
        }
    }

    /** What can be read again counts again, also when it has not changed. */
    private PemPair readOrForget(TlsFiles watched) {
        try {
            return PemPair.read(watched);
        } catch (IllegalArgumentException e) {
            read = null;
            throw e;
        }
    }

    @PreDestroy
    void close() {
        if (task != null) {
            task.close();
        }
    }
}
