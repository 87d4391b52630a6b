package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.answer.Utf8Decoder;
import dev.codeinterpreter.spool.SpillBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a model can be shown of a file, whose bytes are written to it: a picture, lines of text, or nothing. */
final class FileView extends OutputStream {
    /** Bytes that are looked at to know a text from other files. */
    private static final int HEAD = 8 * 1024;

    private final SpillBuffer picture;
    private final boolean mayBePicture;
    private final LineWindow window;
    private final Utf8Decoder decoder = new Utf8Decoder();
    private byte @Nullable [] head = new byte[HEAD];
    private int length;
    private Optional<String> pictureType = Optional.empty();
    private boolean text;

    /** No more bytes are of use. */
    static final class Enough extends IOException {
        Enough() {
            super("no more of the file is needed");
        }
    }

    /**
     * @param picture empty; filled with the file when it is a picture
     * @param mayBePicture whether it is small enough for one
     */
    FileView(SpillBuffer picture, boolean mayBePicture, LineWindow window) {
        this.picture = picture;
        this.mayBePicture = mayBePicture;
        this.window = window;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /** @throws Enough when no more bytes are needed */
    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int from = offset;
        if (head != null) {
            int taken = Math.min(count, HEAD - length);
            System.arraycopy(bytes, offset, head, length, taken);
            length += taken;
            from += taken;
            if (length < HEAD) {
                return;
            }
            decide();
        }
        if (from < offset + count) {
            take(Arrays.copyOfRange(bytes, from, offset + count));
        }
    }

    /** No more comes, or no more was needed. */
    void end() {
        try {
            if (head != null) {
                decide();
            }
        } catch (IOException e) {
            // Enough: a short text of which not all was asked for.
            return;
        }
        if (text && !window.hasMore()) {
            boolean _ = window.append(decoder.end());
        }
    }

    /** The type of the picture that it is. */
    Optional<String> pictureType() {
        return pictureType;
    }

    boolean isText() {
        return text;
    }

    private void decide() throws IOException {
        byte[] start = Arrays.copyOf(head == null ? new byte[0] : head, length);
        head = null;
        pictureType = FileTypes.picture(start);
        text = pictureType.isEmpty() && isText(start);
        take(start);
    }

    private void take(byte[] bytes) throws IOException {
        if (text) {
            if (!window.append(decoder.decode(bytes))) {
                throw new Enough();
            }
        } else if (pictureType.isPresent() && mayBePicture) {
            picture.write(bytes);
        } else {
            throw new Enough();
        }
    }

    /** The last character may be cut. */
    static boolean isText(byte[] start) {
        for (byte each : start) {
            if (each == 0) {
                return false;
            }
        }
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        return !strict.decode(ByteBuffer.wrap(start), CharBuffer.allocate(start.length + 1), false)
                .isError();
    }
}
