package dev.codeinterpreter.page;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A text file out of the jar, read once; compressed when the first browser asks for it so. */
public final class Document {
    private static final int PIECE = 16 * 1024;

    private final String mediaType;
    private final byte[] content;
    private final String digest;
    /** Two threads may make it: both make the same. */
    private volatile byte @Nullable [] compressed;

    private Document(String mediaType, byte[] content) {
        this.mediaType = mediaType;
        this.content = content;
        this.digest = HexFormat.of().formatHex(sha256().digest(content));
    }

    /** {@code resource} is a name beside {@code owner}, or an absolute path in the class path. */
    public static Document read(Class<?> owner, String resource, String mediaType) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
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

    void writeTo(OutputStream target) throws IOException {
        write(content, target);
    }

    /** In the format of gzip: a third to a quarter of the bytes. */
    void writeCompressedTo(OutputStream target) throws IOException {
        byte[] bytes = compressed;
        if (bytes == null) {
            bytes = compress(content);
            compressed = bytes;
        }
        write(bytes, target);
    }

    /** Changes with the content. */
    String digest() {
        return digest;
    }

    /** In pieces: the web server keeps two copies of each for as long as its client does not read. */
    private static void write(byte[] bytes, OutputStream target) throws IOException {
        for (int done = 0; done < bytes.length; done += PIECE) {
            target.write(bytes, done, Math.min(PIECE, bytes.length - done));
        }
    }

    private static byte[] compress(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(content.length / 3);
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
