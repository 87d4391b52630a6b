package dev.codeinterpreter.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file that grows to a size, then is called {@code NAME.1}, what had that name {@code NAME.2}, and so on; the last one is
 * deleted. After an error it is opened again for the next line, so a disk that has room again is written to again.
 */
final class RotatedFile implements AuditSink {
    private final Path file;
    private final long maxBytes;
    private final int kept;
    private @Nullable FileChannel channel;
    private long size;

    /** @param kept files beside the one that is written to */
    RotatedFile(Path file, long maxBytes, int kept) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.kept = kept;
    }

    @Override
    public void write(byte[] line) throws IOException {
        try {
            FileChannel target = open(line.length);
            ByteBuffer bytes = ByteBuffer.wrap(line);
            long before = size;
            try {
                while (bytes.hasRemaining()) {
                    size += target.write(bytes);
                }
            } catch (IOException e) {
                // Half of a line would spoil the next one too.
                target.truncate(before);
                throw e;
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private FileChannel open(int length) throws IOException {
        FileChannel open = channel;
        if (open != null && size + length > maxBytes) {
            close();
            open = null;
            rotate();
        }
        if (open == null) {
            open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            size = open.size();
            open.position(size);
            channel = open;
        }
        return open;
    }

    private void rotate() throws IOException {
        for (int number = kept; number > 0; number--) {
            Path from = number == 1 ? file : numbered(number - 1);
            try {
                Files.move(from, numbered(number), StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException e) {
                // There are not so many yet.
            }
        }
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // What was written is written.
        }
        channel = null;
    }
}
