package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.wire.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Arguments of a call, checked against the tool's schema; a null counts as absent. Texts live as long as the body. */
record Arguments(Map<String, Node> values) {
    /** Bytes of UTF-8 in what is short by its nature: a path may have 4 KB. */
    private static final int MAX_STRING_BYTES = 10 * 1024;

    /** A string of any length. */
    Optional<Text> text(String name) {
        return value(name).map(node -> ((Node.Str) node).text());
    }

    /** @throws ToolFailure when it is longer than 10 KiB */
    Optional<String> string(String name) {
        return text(name).map(text -> {
            if (text instanceof Text.InMemory(String value) && text.utf8Length() <= MAX_STRING_BYTES) {
                return value;
            }
            throw new ToolFailure("%s is longer than %d bytes.".formatted(name, MAX_STRING_BYTES));
        });
    }

    String requiredString(String name) {
        return string(name).orElseThrow();
    }

    int integer(String name, int defaultValue) {
        return value(name).map(node -> ((Node.Num) node).nearestInt()).orElse(defaultValue);
    }

    List<Arguments> list(String name) {
        return value(name)
                .map(node -> ((Node.Arr) node)
                        .values().stream()
                                .map(item -> new Arguments(((Node.Obj) item).byName()))
                                .toList())
                .orElse(List.of());
    }

    boolean has(String name) {
        return value(name).isPresent();
    }

    /** How many of these there are. */
    int count(String... names) {
        int count = 0;
        for (String name : names) {
            count += has(name) ? 1 : 0;
        }
        return count;
    }

    private Optional<Node> value(String name) {
        return Optional.ofNullable(values.get(name)).filter(node -> node != Node.Constant.NULL);
    }
}
