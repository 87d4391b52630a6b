package dev.codeinterpreter.wire;

import dev.codeinterpreter.spool.Text;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A parsed body. Not {@code JsonValue}: numbers keep the text that was sent, and long strings are on disk. */
public sealed interface Node {

    /** The last of several members with one name is the one that counts. */
    record Obj(Map<String, Node> byName) implements Node {
        public Obj {
            byName = Collections.unmodifiableMap(byName);
        }
    }

    record Arr(List<Node> values) implements Node {
        public Arr {
            values = Collections.unmodifiableList(values);
        }
    }

    record Str(Text text) implements Node {}

    /** For example {@code 5e0}, which is not an integer, although its value is one. */
    record Num(String literal) implements Node {
        public boolean isInteger() {
            return literal.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        }

        /** The value of an integer, or the end of the range of {@code int} that is closest to it. */
        public int nearestInt() {
            boolean negative = literal.startsWith("-");
            // JSON has no leading zeros: more than ten digits never fit, and twelve always do into a long.
            if (literal.length() > 11) {
                return negative ? Integer.MIN_VALUE : Integer.MAX_VALUE;
            }
            return Math.clamp(Long.parseLong(literal), Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
    }

    /** {@code true}, {@code false} and {@code null}. */
    enum Constant implements Node {
        TRUE,
        FALSE,
        NULL
    }
}
