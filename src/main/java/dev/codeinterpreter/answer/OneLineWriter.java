package dev.codeinterpreter.answer;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;

/**
 * For JSON that has to stay on one line of an event: characters that JSON allows in a string, and that some clients take for
 * the end of a line, are escaped.
 */
public final class OneLineWriter extends FilterWriter {
    public OneLineWriter(Writer out) {
        super(out);
    }

    public static String escape(String json) {
        return json.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\u0085", "\\u0085");
    }

    @Override
    public void write(int c) throws IOException {
        write(String.valueOf((char) c));
    }

    @Override
    public void write(char[] text, int offset, int length) throws IOException {
        write(new String(text, offset, length));
    }

    @Override
    public void write(String text, int offset, int length) throws IOException {
        out.write(escape(text.substring(offset, offset + length)));
    }
}
