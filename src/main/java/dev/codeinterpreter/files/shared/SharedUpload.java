package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that is being written under {@code incoming/}, locked so that others see that it still is. */
final class SharedUpload implements FileBackend.Upload {
    private static final System.Logger LOG = System.getLogger(SharedUpload.class.getName());

    private final SharedFiles files;
    private final Owner owner;
    private final String name;
    private final Path path;
    private final FileChannel channel;
    private long size;

    SharedUpload(SharedFiles files, Owner owner, String name, Path path) throws IOException {
        this.files = files;
        this.owner = owner;
        this.name = name;
        this.path = path;
        this.channel = SharedDirectory.create(path);
        boolean locked = false;
        try {
            locked = channel.tryLock() != null;
        } finally {
            if (!locked) {
                channel.close();
                Files.deleteIfExists(path);
            }
        }
        if (!locked) {
            throw new IOException("%s is locked by another process".formatted(path));
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        files.arrive(owner, length);
        size += length;
        try {
            write(ByteBuffer.wrap(bytes, offset, length));
        } catch (IOException e) {
            throw DiskFailure.of(e);
        }
    }

    @Override
    public StoredFile commit() {
        try {
            StoredFile file = files.publish(owner, name, size, stored -> {
                write(Trailer.of(stored));
                // Another host sees the name as soon as it is there: by then it is to see the bytes.
                channel.force(true);
                return path;
            });
            channel.close();
            files.arrive(owner, -size);
            return file;
        } catch (IOException e) {
            discard();
            throw DiskFailure.of(e);
        } catch (RuntimeException e) {
            discard();
            throw e;
        }
    }

    @Override
    public void discard() {
        try {
            channel.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "an unfinished file stays in the store until it is reaped", e);
        }
        files.arrive(owner, -size);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int _ = channel.write(bytes);
        }
    }
}
