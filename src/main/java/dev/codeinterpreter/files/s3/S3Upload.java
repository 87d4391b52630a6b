package dev.codeinterpreter.files.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A file that waits on this host's disk until it is complete, or until its writer sends a part of it: a bucket takes only what
 * it knows the length of, and a part that failed is sent again. A client may take an hour for its upload, and nothing of it is
 * in the bucket before.
 */
final class S3Upload implements FileBackend.Upload {
    private static final byte[] NOTHING = {};

    private final S3Files files;
    private final Owner owner;
    private final String name;
    /** What is not sent yet. */
    private SpillBuffer waiting;
    /** Of the object that the file becomes. It has the file's time, so it is made when the first byte is sent. */
    private @Nullable S3Key key;
    /** Where the file is sent in parts. */
    private @Nullable PartedObject parts;

    private long counted;

    S3Upload(S3Files files, Owner owner, String name) {
        this.files = files;
        this.owner = owner;
        this.name = name;
        this.waiting = files.newBuffer();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        files.arrive(owner, length);
        counted += length;
        waiting.write(bytes, offset, length);
    }

    @Override
    public boolean hasPart() {
        return waiting.length() >= files.partBytes();
    }

    /** All parts but the last have one length, which some servers require; what is over waits for the next. */
    @Override
    public void sendPart() {
        ObjectSource source = new ObjectSource(waiting, NOTHING);
        long sent = 0;
        while (source.length() - sent >= files.partBytes()) {
            parts().send(source, sent, files.partBytes());
            sent += files.partBytes();
        }
        keepFrom(sent);
    }

    @Override
    public StoredFile commit() {
        try {
            S3Key made = key();
            ObjectSource rest = new ObjectSource(waiting, made.name().isPresent() ? NOTHING : name.getBytes(UTF_8));
            long size = counted + rest.length() - waiting.length();
            files.checkRoom(size);
            if (parts == null && rest.length() <= files.partBytes()) {
                files.put(made, rest);
            } else {
                parts().sendRest(rest, files.partBytes());
                parts().complete();
            }
            files.stored(owner, size);
            return made.file(owner, name, size);
        } finally {
            discard();
        }
    }

    @Override
    public void discard() {
        waiting.close();
        try {
            if (parts != null) {
                parts.close();
            }
        } finally {
            files.arrive(owner, -counted);
            counted = 0;
        }
    }

    private void keepFrom(long sent) {
        SpillBuffer rest = files.newBuffer();
        try (InputStream over = waiting.open(sent, waiting.length() - sent)) {
            rest.receive(over);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            waiting.close();
            waiting = rest;
        }
    }

    private S3Key key() {
        if (key == null) {
            key = files.newKey(owner, name);
        }
        return key;
    }

    private PartedObject parts() {
        if (parts == null) {
            parts = files.beginParts(key());
        }
        return parts;
    }
}
