package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.json.JsonText;
import jakarta.json.stream.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * JSON that somebody else wrote, on one line: it is parsed, event by event, and written anew. The parser keeps one string or
 * number in the heap, several times over, and a form may be nothing else; so one form at a time is copied.
 */
final class JsonCopy {
    private static final Semaphore ONE = new Semaphore(1, true);

    /** Of those that wait for their turn: a form of a megabyte takes some ten milliseconds. */
    private static final long TIMEOUT_SECONDS = 10;

    /** As the parser's library has them for numbers that it makes itself. */
    private static final int MAX_NUMBER_LENGTH = 1100;

    private static final int MAX_SCALE = 100_000;

    private JsonCopy() {}

    /** Returns whether {@code in} has exactly one JSON value; when it has not, a part of that may be written. */
    static boolean write(InputStream in, Writer target) throws IOException {
        try {
            if (!ONE.tryAcquire(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try (JsonParser parser = Json.createParser(new InputStreamReader(in, UTF_8))) {
            return copy(parser, target);
        } finally {
            ONE.release();
        }
    }

    /** The parser alone fails with exceptions of JSON; those of {@code target} are its own. */
    private static boolean copy(JsonParser parser, Writer target) throws IOException {
        int depth = 0;
        boolean first = true;
        JsonParser.Event event = next(parser);
        while (event != null) {
            boolean ends = event == JsonParser.Event.END_OBJECT || event == JsonParser.Event.END_ARRAY;
            if (!first && !ends) {
                target.write(',');
            }
            first = false;
            switch (event) {
                case START_OBJECT, START_ARRAY -> {
                    target.write(event == JsonParser.Event.START_OBJECT ? '{' : '[');
                    depth++;
                    first = true;
                }
                case END_OBJECT, END_ARRAY -> {
                    target.write(event == JsonParser.Event.END_OBJECT ? '}' : ']');
                    depth--;
                }
                case KEY_NAME -> {
                    string(parser.getString(), target);
                    target.write(':');
                    first = true;
                }
                case VALUE_STRING -> string(parser.getString(), target);
                case VALUE_NUMBER -> {
                    if (!isReadable(parser.getString())) {
                        return false;
                    }
                    target.write(parser.getString());
                }
                case VALUE_TRUE -> target.write("true");
                case VALUE_FALSE -> target.write("false");
                case VALUE_NULL -> target.write("null");
            }
            if (depth == 0) {
                return isAtEnd(parser);
            }
            event = next(parser);
        }
        return false;
    }

    private static JsonParser.@Nullable Event next(JsonParser parser) {
        try {
            return parser.hasNext() ? parser.next() : null;
        } catch (RuntimeException e) { // a plain one when it is nested deeper than the parser goes
            return null;
        }
    }

    private static boolean isAtEnd(JsonParser parser) {
        try {
            return !parser.hasNext();
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** Parsers of clients refuse the whole answer for the sake of one number, or try to calculate it. */
    private static boolean isReadable(String number) {
        return number.length() <= MAX_NUMBER_LENGTH && Math.abs(new BigDecimal(number).scale()) <= MAX_SCALE;
    }

    private static void string(String text, Writer target) throws IOException {
        target.write('"');
        JsonText.escape(text, target);
        target.write('"');
    }
}
