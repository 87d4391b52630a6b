package dev.codeinterpreter.files.local;

import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.StoredFile;
import java.io.IOException;
import java.io.OutputStream;

/** A file on its way into a directory: built aside, and moved into place when it is complete. */
final class LocalUpload implements FileBackend.Upload {
    private final LocalFiles files;
    private final FileId id;
    private final Owner owner;
    private final String name;
    private final OutputStream content;
    private long size;

    LocalUpload(LocalFiles files, FileId id, Owner owner, String name, OutputStream content) {
        this.files = files;
        this.id = id;
        this.owner = owner;
        this.name = name;
        this.content = content;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        files.takeBytes(owner, length);
        size += length;
        try {
            content.write(bytes, offset, length);
        } catch (IOException e) {
            throw LocalFiles.noSpace(e);
        }
    }

    @Override
    public StoredFile commit() {
        try {
            content.close();
            return files.publish(id, owner, name, size);
        } catch (IOException e) {
            discard();
            throw LocalFiles.noSpace(e);
        }
    }

    @Override
    public void discard() {
        try {
            content.close();
        } catch (IOException e) {
            // It is deleted in any case.
        }
        files.discard(id, owner, name, size);
    }
}
