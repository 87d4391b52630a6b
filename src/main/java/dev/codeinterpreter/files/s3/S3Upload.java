package dev.codeinterpreter.files.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A file that is sent in parts while it arrives, or at once when it is no longer than one. A bucket takes only what it knows
 * the length of, and a part that failed is sent again: so one part at a time waits on this host's disk until it is whole.
 */
final class S3Upload implements FileBackend.Upload {
    private static final byte[] NOTHING = {};

    private final S3Files files;
    private final Owner owner;
    private final String name;
    private SpillBuffer part;
    /** Of the object that the file becomes. Made when the first byte is sent, since it has the file's time. */
    private @Nullable S3Key key;
    /** Where more than one part has arrived. */
    private @Nullable PartedObject parts;

    private long counted;

    S3Upload(S3Files files, Owner owner, String name) {
        this.files = files;
        this.owner = owner;
        this.name = name;
        this.part = files.buffer();
    }

    /** Waits for the bucket when a part is whole and something follows it. */
    @Override
    public void write(byte[] bytes, int offset, int length) {
        files.arrive(owner, length);
        counted += length;
        int from = offset;
        while (from < offset + length) {
            if (part.length() == files.partBytes()) {
                sendPart(NOTHING);
            }
            int count = (int) Math.min(offset + length - from, files.partBytes() - part.length());
            buffer(bytes, from, count);
            from += count;
        }
    }

    @Override
    public StoredFile commit() {
        try {
            S3Key made = key();
            byte[] end = made.name().isPresent() ? NOTHING : name.getBytes(UTF_8);
            long size = counted + end.length;
            files.checkRoom(size);
            if (parts == null) {
                files.put(made, new ObjectSource(part, end));
            } else {
                sendPart(end);
                parts.complete();
            }
            files.stored(owner, size);
            return made.file(owner, name, size);
        } finally {
            discard();
        }
    }

    @Override
    public void discard() {
        part.close();
        if (parts != null) {
            parts.close();
        }
        files.arrive(owner, -counted);
        counted = 0;
    }

    private S3Key key() {
        if (key == null) {
            key = files.newKey(owner, name);
        }
        return key;
    }

    private void sendPart(byte[] end) {
        if (parts == null) {
            parts = files.beginParts(key());
        }
        parts.send(new ObjectSource(part, end));
        part.close();
        part = files.buffer();
    }

    private void buffer(byte[] bytes, int offset, int length) {
        try {
            part.sink().write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
