package dev.codeinterpreter.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * @param certificate of the service, with those between it and its authority behind it (TLS_CERT_FILE)
 * @param key of the certificate (TLS_KEY_FILE)
 */
public record TlsFiles(Path certificate, Path key) {
    private static final String CERTIFICATE = "TLS_CERT_FILE";
    private static final String KEY = "TLS_KEY_FILE";

    /** Empty when the port speaks HTTP. */
    static Optional<TlsFiles> from(Settings settings) {
        Optional<Path> certificate = settings.optionalPath(CERTIFICATE);
        Optional<Path> key = settings.optionalPath(KEY);
        if (certificate.isPresent() != key.isPresent()) {
            settings.problem("%s is set without %s: TLS needs both"
                    .formatted(key.isPresent() ? KEY : CERTIFICATE, key.isPresent() ? CERTIFICATE : KEY));
        }
        return certificate.flatMap(path -> key.map(other -> new TlsFiles(path, other)));
    }
}
