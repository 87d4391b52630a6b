package dev.codeinterpreter.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.TlsFiles;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Certificates;
import io.helidon.common.tls.Tls;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files as the kubelet mounts them: links into a directory, which is itself a link that is replaced. */
@Timeout(60)
class CertificateReloaderTest {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final Logger LOGGER = Logger.getLogger(CertificateReloader.class.getName());

    @TempDir
    private static Path authority;

    private static Path first;
    private static Path second;

    @TempDir
    private Path mounted;

    private final List<Tls> taken = new CopyOnWriteArrayList<>();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private TlsFiles files;
    private CertificateReloader reloader;

    @BeforeAll
    static void certify() {
        Certificates certificates = new Certificates(authority);
        first = certificates.server();
        second = certificates.rsaServer();
    }

    @BeforeEach
    void mount() throws IOException {
        point(first);
        for (String name : List.of("cert.pem", "key.pem")) {
            Files.createSymbolicLink(mounted.resolve(name), Path.of("..data", name));
        }
        files = new TlsFiles(mounted.resolve("cert.pem"), mounted.resolve("key.pem"));
        reloader = new CertificateReloader(Optional.of(files), Duration.ofMillis(10));
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stop() {
        reloader.close();
        LOGGER.removeHandler(handler);
    }

    @Test
    void givesWhatIsNewAndNothingTwice() throws IOException {
        reloader.start(taken::add);
        awaitTaken(1);
        point(second);
        awaitTaken(2);
        point(first);
        awaitTaken(3);
        assertThat(taken.stream().map(CertificateReloaderTest::name).toList())
                .containsExactly("CN=server", "CN=rsa-server", "CN=server");
        assertThat(reloader.notAfter())
                .hasValueSatisfying(end -> assertThat(end).isAfter(Instant.now()));
        // The last one is logged after it has been given.
        Await.until("three lines", BOUND, () -> lines.size() >= 3);
        assertThat(lines).hasSize(3).allMatch(line -> line.startsWith("INFO"));
    }

    @Test
    void keepsTheCertificateOfBeforeAndSaysOnceWhy() throws IOException {
        reloader.start(taken::add);
        awaitTaken(1);
        Path mixed = Files.createDirectory(mounted.resolve("mixed"));
        Files.copy(first.resolve("cert.pem"), mixed.resolve("cert.pem"));
        Files.copy(second.resolve("key.pem"), mixed.resolve("key.pem"));
        point(mixed);
        awaitProblem("key.pem is not the key of its certificate");
        replace(mixed.resolve("cert.pem"), "spoilt");
        awaitProblem("cert.pem has no certificate");
        // The certificate is good, but nobody knows what of all that is behind it.
        replace(mixed.resolve("cert.pem"), Files.readString(first.resolve("cert.pem")) + "\n".repeat(1 << 20));
        awaitProblem("cert.pem has more than 1 MB");
        Files.delete(mixed.resolve("cert.pem"));
        awaitProblem("cert.pem cannot be read");
        assertThat(taken).hasSize(1);
        point(first);
        Await.until("no problem", BOUND, () -> reloader.problem().isEmpty());
        assertThat(lines.stream().filter(line -> line.startsWith("SEVERE")))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void doesNothingWithoutFiles() {
        CertificateReloader off = new CertificateReloader(Optional.empty(), Duration.ofMillis(10));
        off.start(taken::add);
        off.close();
        assertThat(off.isOn()).isFalse();
        assertThat(taken).isEmpty();
    }

    @Test
    void aStartNeedsAPairThatFits() throws IOException {
        List<Path> wrong = new ArrayList<>();
        wrong.add(mounted.resolve("nothing"));
        wrong.add(Files.writeString(mounted.resolve("text"), "text"));
        wrong.add(second.resolve("key.pem"));
        for (Path key : wrong) {
            assertThatThrownBy(() -> create(first.resolve("cert.pem"), key))
                    .isInstanceOfSatisfying(
                            InvalidSettingsException.class,
                            e -> assertThat(e.lines())
                                    .singleElement()
                                    .asString()
                                    .startsWith("TLS_CERT_FILE and TLS_KEY_FILE cannot be used: " + key));
        }
        assertThat(create(first.resolve("cert.pem"), first.resolve("key.pem"))).isNotNull();
    }

    private static Object create(Path certificate, Path key) {
        Config config =
                Config.just(ConfigSources.create(Map.of("certificate", certificate.toString(), "key", key.toString())));
        return new PemTlsProvider().create(config, "test");
    }

    /** As the kubelet does it: at once. */
    private void point(Path directory) throws IOException {
        Path next = mounted.resolve("..data_tmp");
        Files.createSymbolicLink(next, directory);
        Files.move(next, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** At once: what is half written would be judged, too. */
    private void replace(Path file, String text) throws IOException {
        Files.move(
                Files.writeString(mounted.resolve("next"), text),
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void awaitTaken(int count) {
        Await.until(count + " certificates", BOUND, () -> taken.size() >= count);
    }

    private void awaitProblem(String text) {
        Await.until(
                text,
                BOUND,
                () -> reloader.problem()
                        .filter(problem -> problem.contains(text))
                        .isPresent());
    }

    private static String name(Tls tls) {
        return tls.prototype()
                .privateKeyCertChain()
                .getFirst()
                .getSubjectX500Principal()
                .getName();
    }
}
