package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileMetadata;
import dev.codeinterpreter.files.StoredFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** What is known of a file, behind its content: JSON, and its length in four bytes. So that one rename moves all. */
final class Trailer {
    private Trailer() {}

    static ByteBuffer of(StoredFile file) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        FileMetadata.write(json, file);
        ByteBuffer trailer = ByteBuffer.allocate(json.size() + Integer.BYTES);
        return trailer.put(json.toByteArray()).putInt(json.size()).flip();
    }

    /** Empty when the file is damaged or not of ours. */
    static Optional<StoredFile> read(FileChannel channel, FileId id) throws IOException {
        long size = channel.size();
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        if (!readFully(channel, length, size - Integer.BYTES)) {
            return Optional.empty();
        }
        int bytes = length.getInt(0);
        if (bytes < 0 || bytes > Math.min(FileMetadata.MAX_BYTES, size - Integer.BYTES)) {
            return Optional.empty();
        }
        ByteBuffer json = ByteBuffer.allocate(bytes);
        long content = size - Integer.BYTES - bytes;
        if (!readFully(channel, json, content)) {
            return Optional.empty();
        }
        return FileMetadata.read(new ByteArrayInputStream(json.array()), id).filter(file -> file.size() == content);
    }

    private static boolean readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        while (position >= 0 && target.hasRemaining()) {
            if (channel.read(target, position + target.position()) < 0) {
                return false;
            }
        }
        return position >= 0;
    }
}
