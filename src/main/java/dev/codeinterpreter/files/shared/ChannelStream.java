package dev.codeinterpreter.files.shared;

import dev.codeinterpreter.files.SizedStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The first bytes of a file, of which others read as well. */
final class ChannelStream extends SizedStream {
    private final FileChannel channel;

    ChannelStream(FileChannel channel, long size, Runnable onClose) {
        super(size, onClose);
        this.channel = channel;
    }

    @Override
    protected int readAt(long position, byte[] target, int offset, int length) throws IOException {
        return channel.read(ByteBuffer.wrap(target, offset, length), position);
    }

    @Override
    public int available() {
        return (int) Math.min(Integer.MAX_VALUE, left());
    }
}
