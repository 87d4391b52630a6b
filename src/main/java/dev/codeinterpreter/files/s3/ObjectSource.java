package dev.codeinterpreter.files.s3;

import dev.codeinterpreter.spool.SpillBuffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;

/** The bytes of an object, or of a part of one, which can be read as often as they have to be sent. */
final class ObjectSource {
    private final SpillBuffer content;
    private final byte[] end;

    /** @param end what follows the content */
    ObjectSource(SpillBuffer content, byte[] end) {
        this.content = content;
        this.end = end;
    }

    long length() {
        return content.length() + end.length;
    }

    InputStream open() {
        return new SequenceInputStream(content.open(), new ByteArrayInputStream(end));
    }
}
