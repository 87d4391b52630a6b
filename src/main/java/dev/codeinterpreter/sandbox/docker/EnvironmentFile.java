package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Variables of {@code --env} and {@code --env-file}, as {@code docker run} reads them. */
final class EnvironmentFile {
    /** Bytes: comments included, twice what its variables may have. */
    private static final int MAX_BYTES = 64 << 10;

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private EnvironmentFile() {}

    /**
     * The lines of a file of the service's: {@code NAME=VALUE}, without quotes; {@code NAME}, which takes the value from the
     * service's environment; {@code #} and a comment.
     *
     * @throws IllegalArgumentException naming the file and what is wrong with it, never a value
     */
    static void read(String file, Map<String, String> into) {
        String text = text(file);
        int number = 0;
        for (String line : (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text).split("\r?\n", -1)) {
            number++;
            String stripped = line.stripLeading();
            if (stripped.isEmpty() || stripped.startsWith("#")) {
                continue;
            }
            try {
                variable(stripped, into);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "--env-file %s, line %d: %s".formatted(file, number, e.getMessage()), e);
            }
        }
    }

    /**
     * @param text {@code NAME=VALUE}; or a name alone, which takes the value from our own environment if there is one
     * @throws IllegalArgumentException when the name is none
     */
    static void variable(String text, Map<String, String> into) {
        String[] nameAndValue = text.split("=", 2);
        String name = nameAndValue[0];
        if (name.isEmpty() || name.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new IllegalArgumentException("the name of a variable is empty or has a blank in it");
        }
        String value = nameAndValue.length == 2 ? nameAndValue[1] : System.getenv(name);
        if (value != null && value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the value of %s has a NUL in it".formatted(name));
        }
        if (value != null) {
            into.put(name, value);
        }
    }

    private static String text(String file) {
        Path path = Path.of(file);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new IllegalArgumentException("--env-file %s is not a file that the service can read".formatted(file));
        }
        try (var in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException("--env-file %s has more than %d bytes".formatted(file, MAX_BYTES));
            }
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("--env-file %s is not UTF-8".formatted(file), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("--env-file %s cannot be read".formatted(file), e);
        }
    }
}
