package dev.codeinterpreter.files;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** The name of a stored file. Nothing that a client sends comes near the file system before it is one of these. */
public record FileId(UUID value) {
    private static final Pattern FORM = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    /** A UUID in its one canonical form, in either case; {@link UUID#fromString} accepts much more. */
    public static Optional<FileId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new FileId(UUID.fromString(text))) : Optional.empty();
    }

    public static FileId random() {
        return new FileId(UUID.randomUUID());
    }

    /** The canonical form, in lower case. */
    @Override
    public String toString() {
        return value.toString();
    }
}
