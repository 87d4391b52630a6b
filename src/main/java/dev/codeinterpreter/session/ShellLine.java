package dev.codeinterpreter.session;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.Text;

/** The line of a shell command, as a client sends it. */
public final class ShellLine {
    /** The longest argument that Linux hands to a program, less the NUL behind it: the line is the {@code -c} of bash. */
    private static final int MAX_LENGTH = (128 << 10) - 1;

    private ShellLine() {}

    /**
     * @param field what the client calls it
     * @throws ServiceException INVALID_REQUEST when no program can be given it
     */
    public static String read(String field, Text text) {
        if (text.utf8Length() > MAX_LENGTH) {
            throw new ServiceException(
                    ErrorCode.INVALID_REQUEST, "%s exceeds maximum of %d bytes".formatted(field, MAX_LENGTH));
        }
        String line = text.read();
        if (line.indexOf('\0') >= 0) {
            throw new ServiceException(ErrorCode.INVALID_REQUEST, field + " must not contain NUL characters.");
        }
        return line;
    }
}
