package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.files.FileId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/** The URIs of files: a scheme of our own, as a client cannot fetch them by itself. */
sealed interface ResourceUri {
    String FILES = "code-interpreter://files/";
    String SESSIONS = "code-interpreter://sessions/";

    /** A stored file. */
    record Stored(FileId id) implements ResourceUri {}

    /** A file in a session; the path is not checked yet. */
    record InSession(String session, String path) implements ResourceUri {}

    static String of(FileId id) {
        return FILES + id;
    }

    static String of(String session, String path) {
        return SESSIONS + session + "/files/" + encode(path);
    }

    /** Empty for whatever is neither. */
    static Optional<ResourceUri> parse(String uri) {
        if (uri.startsWith(FILES)) {
            return FileId.parse(uri.substring(FILES.length())).map(Stored::new);
        }
        if (!uri.startsWith(SESSIONS)) {
            return Optional.empty();
        }
        String rest = uri.substring(SESSIONS.length());
        int end = rest.indexOf("/files/");
        return end <= 0
                ? Optional.empty()
                : decode(rest.substring(end + "/files/".length()))
                        .map(path -> new InSession(rest.substring(0, end), path));
    }

    /** Percent-encoded by segments. */
    private static String encode(String path) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : path.getBytes(UTF_8)) {
            char c = (char) (each & 0xFF);
            if (c == '/' || isUnreserved(c)) {
                encoded.append(c);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    /** Empty when it is not a path of a URI, or no UTF-8. */
    private static Optional<String> decode(String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                boolean whole = i + 2 < encoded.length();
                int high = whole ? digit(encoded.charAt(i + 1)) : -1;
                int low = whole ? digit(encoded.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c <= 0x20 || c >= 0x7F || c == '?' || c == '#') {
                return Optional.empty();
            } else {
                bytes.put((byte) c);
            }
        }
        try {
            return Optional.of(UTF_8.newDecoder().decode(bytes.flip()).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }
}
