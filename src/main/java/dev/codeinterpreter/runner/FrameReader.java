package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Parses single frames; knows the bound of each, but not what may follow what. */
final class FrameReader {
    static final int MAX_PAYLOAD = 64 << 10;

    private static final int MAX_PATH = 4096;
    private static final int MAX_MESSAGE = 200;
    private static final Pattern WORD = Pattern.compile("[a-z0-9_]{1,32}");

    private static final Pattern SHOWN_FILE = Pattern.compile("(figure|display)-[0-9]{1,4}\\.[a-z0-9]{1,8}");

    /** Bytes: what a small program is answered with. More is read past the buffer. */
    private static final int BUFFER = 8192;

    private final InputStream in;

    FrameReader(InputStream in) {
        this.in = new BufferedInputStream(in, BUFFER);
    }

    /** Blocks until a whole frame is here. */
    Frame next() throws IOException {
        byte[] header = in.readNBytes(5);
        if (header.length < 5) {
            throw new EOFException("the sandbox has ended");
        }
        int length = ByteBuffer.wrap(header).getInt(1);
        if (length < 0 || length > MAX_PAYLOAD) {
            throw new RunnerProtocolException("a frame of %d bytes".formatted(Integer.toUnsignedLong(length)));
        }
        byte[] payload = new byte[length];
        if (in.readNBytes(payload, 0, length) < length) {
            throw new EOFException("the sandbox has ended in the middle of a frame");
        }
        try {
            return parse((char) header[0], payload);
        } catch (RuntimeException e) {
            // Malformed JSON, a missing field, a wrong type, a value that a record refuses.
            throw new RunnerProtocolException("a frame of type %d is malformed".formatted(header[0]), e);
        }
    }

    private static Frame parse(char type, byte[] payload) throws RunnerProtocolException {
        return switch (type) {
            case 'O' -> new Frame.Stdout(payload);
            case 'e' -> new Frame.Stderr(payload);
            case 'D' -> new Frame.Data(payload);
            case 'Z' -> new Frame.Done();
            case 'B' -> new Frame.Started();
            case 'N' -> new Frame.Pong(libraries(json(payload)));
            case 'M' -> new Frame.Compiled(payload);
            case 'T' -> new Frame.Exit(exit(json(payload)));
            case 'Y' -> ready(json(payload));
            case 'F' -> {
                JsonObject file = json(payload);
                yield new Frame.FileStart(filePath(file.getString("path")), natural(file, "size"));
            }
            case 'S' -> {
                JsonObject skipped = json(payload);
                yield new Frame.Skipped(
                        bounded(skipped.getString("path"), MAX_PATH), word(skipped.getString("reason")));
            }
            case 'X' -> new Frame.Show(isValue(json(payload).getString("type")));
            case 'x' -> form(json(payload));
            case 'y' -> {
                JsonObject end = json(payload);
                yield new Frame.ShowEnd(end.getBoolean("complete"), end.getBoolean("truncated"));
            }
            case 'P' -> {
                JsonObject problem = json(payload);
                yield new Frame.Problem(word(problem.getString("reason")), oneLine(problem.getString("message")));
            }
            default -> throw new RunnerProtocolException("a frame of the unknown type %d".formatted(type & 0xff));
        };
    }

    private static boolean isValue(String type) {
        return switch (type) {
            case "display_data" -> false;
            case "execute_result" -> true;
            default -> throw new IllegalArgumentException("not a type of what is shown");
        };
    }

    private static Frame.Form form(JsonObject json) {
        String type = json.getString("mime_type");
        Optional<String> path = json.containsKey("path") ? Optional.of(json.getString("path")) : Optional.empty();
        boolean known = path.isPresent() ? MimeTypes.isFile(type) : MimeTypes.isInline(type);
        if (!known || !path.map(SHOWN_FILE.asMatchPredicate()::test).orElse(true)) {
            throw new IllegalArgumentException("not a form");
        }
        return new Frame.Form(type, natural(json, "size"), path);
    }

    private static Frame.Ready ready(JsonObject json) {
        return new Frame.Ready(
                json.getJsonNumber("protocol").intValueExact(),
                json.containsKey("seconds_left")
                        ? OptionalDouble.of(json.getJsonNumber("seconds_left").doubleValue())
                        : OptionalDouble.empty());
    }

    private static Libraries libraries(JsonObject json) {
        Libraries.State state =
                Libraries.State.valueOf(json.getString("libraries").toUpperCase(Locale.ROOT));
        return state == Libraries.State.READY
                ? new Libraries(state, strings(json, "missing"), natural(json, "memory_bytes"))
                : new Libraries(state, List.of(), 0);
    }

    private static ProgramExit exit(JsonObject json) {
        boolean timedOut = json.getBoolean("timed_out");
        boolean signaled = !json.isNull("signal");
        ProgramExit.Termination termination;
        if (timedOut) {
            termination = ProgramExit.Termination.TIMEOUT;
        } else if (json.getBoolean("oom")) {
            termination = ProgramExit.Termination.OOM;
        } else if (json.getBoolean("cpu")) {
            termination = ProgramExit.Termination.CPU;
        } else {
            termination = signaled ? ProgramExit.Termination.SIGNALED : ProgramExit.Termination.EXITED;
        }
        return new ProgramExit(
                json.isNull("exit_code") ? OptionalInt.empty() : OptionalInt.of(exitCode(json)),
                termination,
                Duration.ofMillis(natural(json, "duration_ms")),
                Duration.ofMillis(natural(json, "cpu_ms")),
                natural(json, "peak_memory_bytes"),
                json.getBoolean("stdout_truncated"),
                json.getBoolean("stderr_truncated"),
                json.getBoolean("state_lost", false));
    }

    private static int exitCode(JsonObject json) {
        int code = json.getJsonNumber("exit_code").intValueExact();
        if (code < 0 || code > 255) {
            throw new IllegalArgumentException("exit code " + code);
        }
        return code;
    }

    /** A path as our runner gives it: relative, without detours, and text that can be written as UTF-8. */
    private static String filePath(String path) {
        for (String component : bounded(path, MAX_PATH).split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                throw new IllegalArgumentException("not a path below the workspace");
            }
        }
        return path;
    }

    private static String word(String text) {
        if (!WORD.matcher(text).matches()) {
            throw new IllegalArgumentException("not a reason");
        }
        return text;
    }

    private static String bounded(String text, int most) {
        if (text.length() > most || !UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("a text of %d characters".formatted(text.length()));
        }
        return text;
    }

    /** For the log: hostile text cannot make lines of its own there. */
    private static String oneLine(String text) {
        return text.substring(0, Math.min(text.length(), MAX_MESSAGE)).replaceAll("\\p{Cntrl}", "?");
    }

    private static List<String> strings(JsonObject json, String name) {
        return json.getJsonArray(name).getValuesAs(JsonString::getString);
    }

    private static long natural(JsonObject json, String name) {
        long number = json.getJsonNumber(name).longValueExact();
        if (number < 0) {
            throw new IllegalArgumentException("%s is %d".formatted(name, number));
        }
        return number;
    }

    private static JsonObject json(byte[] payload) {
        try (JsonReader reader = Json.createReader(new StringReader(new String(payload, UTF_8)))) {
            return reader.readObject();
        }
    }
}
