package dev.codeinterpreter.http1;

import java.util.Arrays;

/** What has arrived of a client and is not used yet: one piece of at most what the socket reads at once (8 KiB). */
final class ClientBytes {
    private static final byte[] NOTHING = {};

    private final ByteSource source;
    private byte[] piece = NOTHING;
    private int position;

    ClientBytes(ByteSource source) {
        this.source = source;
    }

    boolean isEmpty() {
        return position == piece.length;
    }

    byte next(Waiting reason) {
        fill(reason);
        byte value = piece[position++];
        dropUsed();
        return value;
    }

    /** Takes what is there, at least one byte and at most {@code max}. */
    byte[] take(long max, Waiting reason) {
        fill(reason);
        int count = (int) Math.min(max, piece.length - position);
        byte[] taken = count == piece.length ? piece : Arrays.copyOfRange(piece, position, position + count);
        position += count;
        dropUsed();
        return taken;
    }

    private void fill(Waiting reason) {
        if (isEmpty()) {
            piece = source.receive(reason);
            position = 0;
        }
    }

    /** An idle connection keeps no buffer. */
    private void dropUsed() {
        if (isEmpty()) {
            piece = NOTHING;
            position = 0;
        }
    }
}
