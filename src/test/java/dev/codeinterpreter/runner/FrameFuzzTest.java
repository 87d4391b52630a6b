package dev.codeinterpreter.runner;

import static dev.codeinterpreter.runner.FrameBytes.frame;
import static dev.codeinterpreter.runner.FrameBytes.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Fuzz;
import dev.codeinterpreter.harness.FuzzedJson;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A runner that lies in every way there is: what gets through keeps to the totals, and the rest is refused as such. */
class FrameFuzzTest {
    private static final int TRIES = 300;
    private static final String FILE = "{\"path\":\"a/b\",\"size\":7}";
    private static final String FORM = FrameBytes.FORM.replace("4", "7");
    private static final String SHOWN_FILE = FrameBytes.SHOWN_FILE.replace("5", "7");
    private static final String SKIPPED = "{\"path\":\"b\",\"reason\":\"symlink\"}";
    private static final String PROBLEM = "{\"reason\":\"no_space\",\"message\":\"full\"}";
    private static final List<String> TYPES =
            List.of("Y", "B", "O", "e", "X", "x", "D", "y", "T", "F", "D", "S", "P", "N", "Z");

    @Test
    void refusesWhatIsNotTrue() {
        Fuzz.run("frames", TRIES, random -> {
            byte[] bytes = conversation(random);
            try {
                RunnerChannelTest.converse(new ByteArrayInputStream(bytes));
            } catch (IOException refused) {
                assertThat(refused).isInstanceOfAny(RunnerProtocolException.class, EOFException.class);
            }
        });
    }

    private static byte[] conversation(Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        // Mostly in the right order, for otherwise nothing gets far.
        List<String> order = random.nextInt(3) == 0
                ? TYPES
                : List.of("Y", "B", "O", "e", "X", "x", "D", "y", "T", "F", "D", "S", "Z");
        if (random.nextInt(10) > 0) {
            all.writeBytes(FrameBytes.ready());
        }
        for (String type : order.subList(random.nextInt(10) == 0 ? 0 : 1, order.size())) {
            for (int repeats = random.nextInt(5) == 0 ? random.nextInt(30) : 1; repeats > 0; repeats--) {
                String next = random.nextInt(12) == 0 ? TYPES.get(random.nextInt(TYPES.size())) : type;
                all.writeBytes(one(next.charAt(0), random));
            }
        }
        byte[] bytes = all.toByteArray();
        if (random.nextInt(3) == 0) {
            for (int i = random.nextInt(6); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
        }
        return bytes;
    }

    private static byte[] one(char type, Random random) {
        if (random.nextInt(40) == 0) {
            return header((char) random.nextInt(256), random.nextInt());
        }
        return switch (type) {
            case 'O', 'e' -> frame(type, new byte[random.nextInt(70_000)]);
            case 'D' -> frame(type, new byte[random.nextInt(3) == 0 ? random.nextInt(70_000) : 7]);
            case 'Y' -> json(type, FrameBytes.READY, random);
            case 'N' -> json(type, FrameBytes.LIBRARIES, random);
            case 'T' -> json(type, FrameBytes.EXIT, random);
            case 'F' -> json(type, FILE, random);
            case 'S' -> json(type, SKIPPED, random);
            case 'P' -> json(type, PROBLEM, random);
            case 'X' -> json(type, FrameBytes.SHOW, random);
            case 'x' -> json(type, random.nextBoolean() ? FORM : SHOWN_FILE, random);
            case 'y' -> json(type, FrameBytes.SHOWN, random);
            default -> frame(type, "");
        };
    }

    private static byte[] json(char type, String text, Random random) {
        if (random.nextInt(3) > 0) {
            return frame(type, text);
        }
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            JsonObject json = reader.readObject();
            FuzzedJson fuzzed = new FuzzedJson(random);
            byte[] payload = fuzzed.bytes(fuzzed.like(json));
            return frame(type, payload.length <= FrameReader.MAX_PAYLOAD ? payload : text.getBytes(UTF_8));
        }
    }
}
