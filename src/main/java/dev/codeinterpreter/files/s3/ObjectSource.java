package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.spool.SpillBuffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;

/** The bytes of an object, or of its beginning or its end, which can be read as often as they have to be sent. */
final class ObjectSource {
    private final SpillBuffer content;
    private final byte[] name;

    /** @param name what follows the content */
    ObjectSource(SpillBuffer content, byte[] name) {
        this.content = content;
        this.name = name;
    }

    long length() {
        return content.length() + name.length;
    }

    InputStream open(long from, long count) {
        long inContent = Math.clamp(content.length() - from, 0, count);
        int nameFrom = (int) Math.max(0, from - content.length());
        InputStream end = new ByteArrayInputStream(name, nameFrom, (int) (count - inContent));
        return inContent == 0 ? end : new SequenceInputStream(content.open(from, inContent), end);
    }
}
