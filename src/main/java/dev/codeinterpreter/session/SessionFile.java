package dev.codeinterpreter.session;

import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.RunnerChannel;
import java.io.IOException;
import java.io.OutputStream;

/** A session's file that is being read: its size is known, its content comes while it is written to the client. */
public final class SessionFile {
    private final RunnerChannel channel;
    private final TransferWatch watch;
    private final Runnable close;
    private final long size;

    /** @param close gives everything back that reading needs; may be called more than once */
    SessionFile(RunnerChannel channel, TransferWatch watch, Runnable close, long size) {
        this.channel = channel;
        this.watch = watch;
        this.close = close;
        this.size = size;
    }

    public long size() {
        return size;
    }

    /** Gives up what is not to be written. */
    public void close() {
        close.run();
    }

    /**
     * Writes all of it, once. The last piece waits for the runner's word that the file was not written to and is whole: an
     * answer that lacks it is visibly cut.
     *
     * @throws IOException when the session ends, the file was changed, or either side is too slow
     */
    public void writeTo(OutputStream target) throws IOException {
        try {
            byte[] piece = {};
            while (true) {
                switch (channel.next()) {
                    case Frame.Data data -> {
                        target.write(piece);
                        watch.moved(piece.length);
                        piece = data.bytes();
                    }
                    case Frame.Done done -> {
                        target.write(piece);
                        return;
                    }
                    case Frame.Problem problem -> throw new IOException("cut short: " + problem.reason());
                    case Frame other -> throw new IOException("unexpected " + other.getClass());
                }
            }
        } finally {
            close.run();
        }
    }
}
