package dev.codeinterpreter.tls;

import dev.codeinterpreter.config.TlsFiles;
import java.nio.ByteBuffer;

/**
 * The content of the two files at one moment. Not of strings, which a log would show.
 *
 * @param certificate PEM, with the chain
 * @param key PEM
 */
record PemPair(ByteBuffer certificate, ByteBuffer key) {
    /** The directory of both is replaced at once by what renews them, and not twice in a row. */
    private static final int MAX_ATTEMPTS = 5;

    /** @throws IllegalArgumentException naming the file that cannot be read */
    static PemPair read(TlsFiles files) {
        ByteBuffer certificate = ByteBuffer.wrap(PemFiles.bytes(files.certificate()));
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            ByteBuffer key = ByteBuffer.wrap(PemFiles.bytes(files.key()));
            ByteBuffer again = ByteBuffer.wrap(PemFiles.bytes(files.certificate()));
            if (again.equals(certificate)) {
                return new PemPair(certificate, key);
            }
            certificate = again;
        }
        throw new IllegalArgumentException("%s changes while it is read".formatted(files.certificate()));
    }
}
