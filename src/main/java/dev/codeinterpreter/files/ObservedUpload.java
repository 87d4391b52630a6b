package dev.codeinterpreter.files;

import dev.codeinterpreter.files.FileStoreListener.Operation;

/** Reports each write and the commit to the {@link Observer}. */
record ObservedUpload(FileBackend.Upload upload, Observer observer) implements FileBackend.Upload {
    @Override
    public void write(byte[] bytes, int offset, int length) {
        observer.observe(Operation.WRITE, length, () -> {
            upload.write(bytes, offset, length);
            return true;
        });
    }

    @Override
    public boolean hasPart() {
        return upload.hasPart();
    }

    @Override
    public void sendPart() {
        observer.observe(Operation.WRITE, 0, () -> {
            upload.sendPart();
            return true;
        });
    }

    @Override
    public StoredFile commit() {
        return observer.observe(Operation.COMMIT, 0, upload::commit);
    }

    @Override
    public void discard() {
        upload.discard();
    }
}
