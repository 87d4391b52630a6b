package dev.codeinterpreter.logging;

import dev.codeinterpreter.trace.Tracing;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * {@code 2026-11-29T16:02:11.345+0000 INFO dev.codeinterpreter.Startup: message}, and below it the exception; with {@code
 * request_id=ID} behind the level when the thread works for a request, and {@code trace_id=ID} when that is traced. A record
 * is one line, and the lines of its exception begin with a tab, but for the first, which follows the message's line behind
 * one too: what a client or an engine put into a text neither begins a line nor commands a terminal.
 */
public final class PlainFormatter extends Formatter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxx");

    @Override
    public String format(LogRecord entry) {
        StringBuilder line = new StringBuilder(200)
                .append(TIME.format(entry.getInstant().atZone(ZoneId.systemDefault())))
                .append(' ')
                .append(LogLevels.name(entry.getLevel()))
                .append(' ');
        String request = RequestId.current();
        if (request != null) {
            line.append("request_id=").append(request).append(' ');
        }
        String trace = Tracing.current().traceId();
        if (trace != null) {
            line.append("trace_id=").append(trace).append(' ');
        }
        line.append(printable(String.valueOf(entry.getLoggerName())))
                .append(": ")
                .append(printable(String.valueOf(formatMessage(entry))))
                .append('\n');
        if (entry.getThrown() != null) {
            line.append('\t').append(StackTraces.of(entry.getThrown(), PlainFormatter::printable));
        }
        return line.toString();
    }

    /** Replaces what ends a line, moves the cursor or turns the direction of writing by a backslash and its code. */
    static String printable(String text) {
        return Characters.replace(text, PlainFormatter::escape);
    }

    private static void escape(int codePoint, StringBuilder target) {
        HexFormat hex = HexFormat.of();
        if (codePoint < 0x100) {
            target.append('\\').append('x').append(hex.toHexDigits((byte) codePoint));
        } else {
            target.append('\\').append('u').append(hex.toHexDigits((long) codePoint, codePoint < 0x10000 ? 4 : 6));
        }
    }
}
