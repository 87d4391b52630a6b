package dev.codeinterpreter.files;

import dev.codeinterpreter.error.SchemaError;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.json.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The parameter {@code limit} of everything that is listed page by page. */
public final class PageLimit {
    /** Files of one page, also when no limit is given. */
    public static final int MAX = 10_000;

    private PageLimit() {}

    /** @throws SchemaException when it is no whole number from 1 to {@link #MAX} */
    public static int parse(@Nullable String text) {
        if (text == null) {
            return MAX;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit < 1) {
                throw refusal(text, "greater_than_equal", "Input should be greater than or equal to 1", "ge", 1);
            }
            if (limit > MAX) {
                throw refusal(text, "less_than_equal", "Input should be less than or equal to " + MAX, "le", MAX);
            }
            return limit;
        } catch (NumberFormatException e) {
            throw new SchemaException(SchemaError.of(
                    "int_parsing",
                    List.of("query", "limit"),
                    "Input should be a valid integer, unable to parse string as an integer",
                    Json.createValue(text)));
        }
    }

    private static SchemaException refusal(String text, String type, String message, String rule, int figure) {
        return new SchemaException(SchemaError.of(type, List.of("query", "limit"), message, Json.createValue(text))
                .withContext(Json.createObjectBuilder().add(rule, figure).build()));
    }
}
