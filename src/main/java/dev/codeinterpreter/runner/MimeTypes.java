package dev.codeinterpreter.runner;

import java.util.Set;
import java.util.regex.Pattern;

/** The forms in which a program shows something, as forms.py has them: what is inline, and what becomes a file. */
public final class MimeTypes {
    public static final String PLAIN_TEXT = "text/plain";

    private static final Set<String> TEXTS =
            Set.of(PLAIN_TEXT, "text/html", "text/markdown", "text/latex", "image/svg+xml");
    private static final Set<String> FILES =
            Set.of("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf");
    private static final int MAX_LENGTH = 100;
    private static final Pattern JSON = Pattern.compile("application/(json|[a-z0-9.+_-]+\\+json)");
    private static final Pattern MEDIA = Pattern.compile("(audio|video)/[a-z0-9.+_-]+");

    private MimeTypes() {}

    /** Whether it is a JSON value, and not text. */
    public static boolean isJson(String type) {
        return type.length() <= MAX_LENGTH && JSON.matcher(type).matches();
    }

    /** Whether its content stands in the answer itself. */
    static boolean isInline(String type) {
        return TEXTS.contains(type) || isJson(type);
    }

    static boolean isFile(String type) {
        return FILES.contains(type)
                || (type.length() <= MAX_LENGTH && MEDIA.matcher(type).matches());
    }
}
