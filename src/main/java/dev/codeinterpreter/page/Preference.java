package dev.codeinterpreter.page;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads Accept and Accept-Encoding. */
public final class Preference {
    private static final Pattern REFUSED = Pattern.compile("(?i)q\\s*=\\s*0(\\.0*)?");

    private Preference() {}

    /** Whether {@code value} is named, in any case, and not refused by a weight of zero; a wildcard does not name it. */
    public static boolean names(@Nullable List<String> headers, String value) {
        if (headers == null) {
            return false;
        }
        for (String element : List.of(String.join(",", headers).split(",", -1))) {
            List<String> parts = List.of(element.split(";", -1));
            if (parts.getFirst().strip().equalsIgnoreCase(value)
                    && parts.stream()
                            .noneMatch(part -> REFUSED.matcher(part.strip()).matches())) {
                return true;
            }
        }
        return false;
    }
}
