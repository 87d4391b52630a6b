package dev.codeinterpreter.mcp;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** The value of {@code Mcp-Name}: as it is, or base64 of UTF-8 where a header could not hold it. */
final class HeaderText {
    private static final String BEGIN = "=?base64?";
    private static final String END = "?=";

    private HeaderText() {}

    /** Empty when it is neither. */
    static Optional<String> decode(String header) {
        String value = header.strip();
        if (!value.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c <= 0x7E))) {
            return Optional.empty();
        }
        if (value.length() < BEGIN.length() + END.length() || !value.startsWith(BEGIN) || !value.endsWith(END)) {
            return Optional.of(value);
        }
        String encoded = value.substring(BEGIN.length(), value.length() - END.length());
        try {
            // The decoder alone accepts a text without its padding.
            if (encoded.length() % 4 != 0) {
                return Optional.empty();
            }
            byte[] bytes = Base64.getDecoder().decode(encoded);
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
