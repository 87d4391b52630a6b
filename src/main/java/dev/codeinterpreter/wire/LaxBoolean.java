package dev.codeinterpreter.wire;

import dev.codeinterpreter.spool.Text;
import java.util.Locale;
import java.util.Set;

/** What pydantic takes for a boolean when it is not strict. */
enum LaxBoolean {
    TRUE,
    FALSE,
    /** Of a type that may hold a boolean, but none. */
    UNINTERPRETABLE,
    /** Of a type that never holds one. */
    WRONG_TYPE;

    private static final Set<String> TRUE_WORDS = Set.of("1", "t", "true", "y", "yes", "on");
    private static final Set<String> FALSE_WORDS = Set.of("0", "f", "false", "n", "no", "off");

    static LaxBoolean of(Node value) {
        return switch (value) {
            case Node.Constant.TRUE -> TRUE;
            case Node.Constant.FALSE -> FALSE;
            case Node.Str(Text.InMemory text) -> word(text.value().toLowerCase(Locale.ROOT));
            case Node.Str(Text.Spooled _) -> UNINTERPRETABLE;
            case Node.Num number -> number(number);
            case Node.Constant.NULL -> WRONG_TYPE;
            case Node.Arr _, Node.Obj _ -> WRONG_TYPE;
        };
    }

    private static LaxBoolean word(String word) {
        if (TRUE_WORDS.contains(word)) {
            return TRUE;
        }
        return FALSE_WORDS.contains(word) ? FALSE : UNINTERPRETABLE;
    }

    /** Also {@code 1.0} and {@code 0.0}; pydantic calls another integer uninterpretable and a fraction a wrong type. */
    private static LaxBoolean number(Node.Num number) {
        return switch (number.literal()) {
            case "1", "1.0" -> TRUE;
            case "0", "-0", "0.0", "-0.0" -> FALSE;
            default -> number.isInteger() ? UNINTERPRETABLE : WRONG_TYPE;
        };
    }
}
