package dev.codeinterpreter.wire;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.spool.Utf8;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.math.BigInteger;
import java.util.Map;

/** Repeats a value in an error's answer, true for what a person would send and cut for what only a machine would. */
final class InputSnippet {
    private static final int MAX_STRING_LENGTH = 1024;
    private static final int MAX_NUMBER_LENGTH = 128;
    private static final int MAX_DEPTH = 20;
    private static final String CUT = "...";

    /** Characters, about, of one echo. */
    private static final int MAX_CHARACTERS = 8 * 1024;

    /** Characters, about, that this echo may still have. */
    private int budget;

    private InputSnippet(int budget) {
        this.budget = budget;
    }

    static JsonValue of(Node value) {
        return of(value, new Total());
    }

    /** An echo that is one of several in one answer. */
    static JsonValue of(Node value, Total total) {
        int budget = Math.min(MAX_CHARACTERS, total.left);
        InputSnippet echo = new InputSnippet(budget);
        JsonValue result = budget <= 0 ? Json.createValue(CUT) : echo.echo(value, 0);
        total.left -= budget - echo.budget;
        return result;
    }

    /** What all echoes of one answer may have: an answer is in the heap until its client has read it. */
    static final class Total {
        private int left = 2 * MAX_CHARACTERS;
    }

    static JsonValue of(String text) {
        return Json.createValue(cut(text));
    }

    private JsonValue echo(Node value, int depth) {
        budget -= 2;
        return switch (value) {
            case Node.Obj members -> members(members, depth);
            case Node.Arr elements -> elements(elements, depth);
            case Node.Str words -> string(words.text());
            case Node.Num number -> number(number);
            case Node.Constant constant ->
                switch (constant) {
                    case TRUE -> JsonValue.TRUE;
                    case FALSE -> JsonValue.FALSE;
                    case NULL -> JsonValue.NULL;
                };
        };
    }

    private JsonValue members(Node.Obj members, int depth) {
        JsonObjectBuilder echo = Json.createObjectBuilder();
        for (Map.Entry<String, Node> member : members.byName().entrySet()) {
            if (exhausted(depth)) {
                echo.add(CUT, CUT);
                break;
            }
            String name = cut(member.getKey());
            budget -= name.length();
            echo.add(name, echo(member.getValue(), depth + 1));
        }
        return echo.build();
    }

    private JsonValue elements(Node.Arr elements, int depth) {
        JsonArrayBuilder echo = Json.createArrayBuilder();
        for (Node element : elements.values()) {
            if (exhausted(depth)) {
                echo.add(CUT);
                break;
            }
            echo.add(echo(element, depth + 1));
        }
        return echo.build();
    }

    private boolean exhausted(int depth) {
        return budget <= 0 || depth > MAX_DEPTH;
    }

    private JsonValue string(Text text) {
        String echo = switch (text) {
            case Text.InMemory inMemory -> cut(inMemory.value());
            case Text.Spooled spooled -> cut(spooled.prefix(4 * MAX_STRING_LENGTH));
        };
        budget -= echo.length();
        return Json.createValue(echo);
    }

    private JsonValue number(Node.Num number) {
        String literal = number.literal();
        budget -= literal.length();
        if (literal.length() > MAX_NUMBER_LENGTH) {
            return Json.createValue(literal.substring(0, MAX_NUMBER_LENGTH) + CUT);
        }
        if (number.isInteger()) {
            return Json.createValue(new BigInteger(literal));
        }
        double value = Double.parseDouble(literal);
        return Double.isFinite(value) ? Json.createValue(value) : Json.createValue(literal);
    }

    private static String cut(String text) {
        if (text.length() <= MAX_STRING_LENGTH) {
            return Utf8.withoutLoneSurrogates(text);
        }
        return Utf8.withoutLoneSurrogates(text.substring(0, MAX_STRING_LENGTH)) + CUT;
    }
}
