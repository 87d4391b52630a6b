package dev.codeinterpreter.auth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request's headers say of its sender. */
sealed interface Credential {
    /** Longer than any token that fits into a request's head. */
    int MAX_LENGTH = 16 * 1024;

    Pattern SCHEME = Pattern.compile("([A-Za-z]+) +(\\S+)");

    /** There is none. */
    record None() implements Credential {}

    /** There are several, or one that has not the form of one. */
    record Malformed(String reason) implements Credential {}

    record Key(String text) implements Credential {
        /** Never the key. */
        @Override
        public String toString() {
            return "Key";
        }
    }

    record Token(String text) implements Credential {
        @Override
        public String toString() {
            return "Token";
        }
    }

    /**
     * @param authorization every header of that name
     * @param apiKey every {@code X-API-Key}
     */
    static Credential of(List<String> authorization, List<String> apiKey) {
        List<String> all = new ArrayList<>(authorization);
        all.addAll(apiKey);
        if (all.isEmpty()) {
            return new None();
        }
        if (all.size() > 1) {
            // Which of them a proxy has looked at, nobody knows.
            return new Malformed("The request has more than one credential");
        }
        if (all.getFirst().length() > MAX_LENGTH) {
            return new Malformed("The credential is too long");
        }
        return apiKey.isEmpty() ? ofScheme(authorization.getFirst()) : ofKey(apiKey.getFirst());
    }

    private static Credential ofScheme(String value) {
        Matcher parts = SCHEME.matcher(value);
        if (!parts.matches()) {
            return new Malformed("Authorization must be Bearer or Basic with one credential");
        }
        return switch (parts.group(1).toLowerCase(Locale.ROOT)) {
            case "bearer" -> ofBearer(parts.group(2));
            case "basic" -> ofBasic(parts.group(2));
            default -> new Malformed("Authorization must be Bearer or Basic");
        };
    }

    private static Credential ofBearer(String text) {
        return text.indexOf('.') >= 0 ? new Token(text) : ofKey(text);
    }

    /** The password is the key, whatever the user's name is. */
    private static Credential ofBasic(String text) {
        try {
            String pair = new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1);
            int colon = pair.indexOf(':');
            return colon < 0 ? new Malformed("Basic needs a user and a password") : ofKey(pair.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return new Malformed("Basic must be in Base64");
        }
    }

    private static Credential ofKey(String text) {
        return ApiKey.hasForm(text) ? new Key(text) : new Malformed("The credential is unknown or has expired");
    }
}
