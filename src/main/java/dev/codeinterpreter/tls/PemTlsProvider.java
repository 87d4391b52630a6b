package dev.codeinterpreter.tls;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.TlsFiles;
import io.helidon.common.tls.TlsManager;
import io.helidon.common.tls.spi.TlsManagerProvider;
import io.helidon.config.Config;
import java.nio.file.Path;
import java.util.List;

/** How the web server's settings name {@link PemTls}: as a service, by this class's name in the jar. */
public final class PemTlsProvider implements TlsManagerProvider {
    static final String TYPE = "pem_files";

    @Override
    public String configKey() {
        return TYPE;
    }

    /** @throws InvalidSettingsException when one of the files cannot be used */
    @Override
    public TlsManager create(Config config, String name) {
        TlsFiles files = new TlsFiles(path(config, "certificate"), path(config, "key"));
        try {
            return new PemTls(name, ServerCertificate.parse(files, PemPair.read(files)));
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingsException(
                    List.of("TLS_CERT_FILE and TLS_KEY_FILE cannot be used: %s".formatted(e.getMessage())));
        }
    }

    private static Path path(Config config, String key) {
        return Path.of(config.get(key).asString().get());
    }
}
