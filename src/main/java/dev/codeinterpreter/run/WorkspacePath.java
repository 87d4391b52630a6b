package dev.codeinterpreter.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.util.ArrayList;
import java.util.List;

/**
 * A file's place below /workspace: relative, normalised, at most 4084 bytes (so that it fits into PATH_MAX behind
 * {@code /workspace/}), each component at most 255. A backslash is an ordinary character, as on Linux.
 */
public record WorkspacePath(String value) {
    /** Where the program itself is. */
    public static final String ENTRYPOINT = "__main__.py";

    private static final int MAX_BYTES = 4084;
    private static final int MAX_COMPONENT_BYTES = 255;

    /** @throws ServiceException INVALID_REQUEST with the sentence of the contract */
    public static WorkspacePath parse(String text) {
        if (text.startsWith("/")) {
            throw invalid("File paths must be relative.");
        }
        List<String> components = new ArrayList<>();
        for (String component : text.split("/", -1)) {
            if (component.equals("..")) {
                throw invalid("File paths must not contain '..'.");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        if (components.isEmpty()) {
            throw invalid("File path must not be empty.");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw invalid("File path '%s' must not contain control characters.".formatted(printable(text)));
        }
        if (components.stream().anyMatch(component -> component.getBytes(UTF_8).length > MAX_COMPONENT_BYTES)) {
            throw invalid("File path '%s' has a component of more than %d bytes."
                    .formatted(printable(text), MAX_COMPONENT_BYTES));
        }
        String normalised = String.join("/", components);
        if (normalised.getBytes(UTF_8).length > MAX_BYTES) {
            throw invalid("File path '%s' is longer than %d bytes.".formatted(printable(text), MAX_BYTES));
        }
        return new WorkspacePath(normalised);
    }

    /** Whether it is, or lies below, the place of the program itself. */
    boolean isEntrypoint() {
        return value.equals(ENTRYPOINT) || value.startsWith(ENTRYPOINT + "/");
    }

    /** Refuses the program's own place. */
    public WorkspacePath requireNotEntrypoint() {
        if (isEntrypoint()) {
            throw invalid("File path '%s' is reserved for the execution entrypoint.".formatted(ENTRYPOINT));
        }
        return this;
    }

    /** Refuses paths that cannot exist beside each other. */
    static void requireDistinct(List<WorkspacePath> paths) {
        List<String> sorted = paths.stream()
                .map(WorkspacePath::value)
                .sorted(WorkspacePath::byComponents)
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            String before = sorted.get(i - 1);
            String path = sorted.get(i);
            if (path.equals(before)) {
                throw invalid("File path '%s' is given twice.".formatted(printable(path)));
            }
            if (path.startsWith(before + "/")) {
                throw invalid("File path '%s' is both a file and a directory.".formatted(printable(before)));
            }
        }
    }

    /** Puts what lies below a path right behind it, which plain order does not: {@code a}, {@code a.txt}, {@code a/b}. */
    private static int byComponents(String left, String right) {
        return left.replace('/', '\0').compareTo(right.replace('/', '\0'));
    }

    private static ServiceException invalid(String message) {
        return new ServiceException(ErrorCode.INVALID_REQUEST, message);
    }

    private static String printable(String text) {
        String shown = text.codePoints()
                .limit(256)
                .map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return text.codePointCount(0, text.length()) > 256 ? shown + "..." : shown;
    }
}
