package dev.codeinterpreter.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file out of the jar, read once. */
final class Document {
    private static final int PIECE = 16 * 1024;

    private final String mediaType;
    private final byte[] content;
    private final String digest;

    private Document(String mediaType, byte[] content) {
        this.mediaType = mediaType;
        this.content = content;
        this.digest = HexFormat.of().formatHex(sha256().digest(content));
    }

    /** {@code resource} is a name beside this class, or an absolute path in the class path. */
    static Document read(String resource, String mediaType) {
        try (InputStream in = Document.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the class path");
            }
            return new Document(mediaType, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String mediaType() {
        return mediaType;
    }

    /** In pieces: the web server keeps two copies of each for as long as its client does not read. */
    void writeTo(OutputStream target) throws IOException {
        for (int done = 0; done < content.length; done += PIECE) {
            target.write(content, done, Math.min(PIECE, content.length - done));
        }
    }

    /** Changes with the content. */
    String digest() {
        return digest;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
