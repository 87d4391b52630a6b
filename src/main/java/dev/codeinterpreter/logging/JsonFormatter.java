package dev.codeinterpreter.logging;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.trace.Tracing;
import jakarta.json.JsonObjectBuilder;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.function.UnaryOperator;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/**
 * One JSON object to a line, with {@code timestamp} (RFC 3339, UTC, milliseconds), {@code level} (as LOG_LEVEL names it),
 * {@code logger}, {@code thread}, {@code message} and, where there is one, {@code request_id} of the request that the
 * thread works for, {@code trace_id} of its trace, what {@link LogFields} add, and {@code exception} with its stack.
 */
public final class JsonFormatter extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    @Override
    public String format(LogRecord entry) {
        JsonObjectBuilder line = Json.createObjectBuilder()
                .add("timestamp", TIME.format(entry.getInstant()))
                .add("level", LogLevels.name(entry.getLevel()))
                .add("logger", wellFormed(String.valueOf(entry.getLoggerName())))
                .add("thread", wellFormed(threadName()))
                .add("message", wellFormed(String.valueOf(formatMessage(entry))));
        String request = RequestId.current();
        if (request != null) {
            line.add("request_id", request);
        }
        String trace = Tracing.current().traceId();
        if (trace != null) {
            line.add("trace_id", trace);
        }
        LogFields.add(entry, line);
        if (entry.getThrown() != null) {
            line.add("exception", wellFormed(StackTraces.of(entry.getThrown(), UnaryOperator.identity())));
        }
        return Characters.replace(line.build().toString(), JsonFormatter::escape) + "\n";
    }

    /** Virtual threads have no name of their own. */
    private static String threadName() {
        Thread thread = Thread.currentThread();
        return thread.getName().isEmpty() ? "virtual-" + thread.threadId() : thread.getName();
    }

    /** Half a surrogate pair has no form in UTF-8: U+FFFD stands for it. */
    private static String wellFormed(String text) {
        return text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** JSON lets pass what some readers take for the end of a line, such as U+0085: in a string it can be escaped. */
    private static void escape(int codePoint, StringBuilder target) {
        for (char unit : Character.toChars(codePoint)) {
            target.append('\\').append('u').append(HexFormat.of().toHexDigits(unit));
        }
    }
}
