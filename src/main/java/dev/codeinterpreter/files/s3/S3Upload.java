package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * A file that waits on this host's disk until it is complete: a bucket takes only what it knows the length of, a part that
 * failed is sent again, and a client may take an hour for its upload.
 */
final class S3Upload implements FileBackend.Upload {
    private final S3Files files;
    private final Owner owner;
    private final String name;
    private final SpillBuffer content;
    private long counted;

    S3Upload(S3Files files, Owner owner, String name, SpillBuffer content) {
        this.files = files;
        this.owner = owner;
        this.name = name;
        this.content = content;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        files.arrive(owner, length);
        counted += length;
        try {
            content.sink().write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public StoredFile commit() {
        try {
            return files.store(owner, name, content);
        } finally {
            discard();
        }
    }

    @Override
    public void discard() {
        content.close();
        files.arrive(owner, -counted);
        counted = 0;
    }
}
