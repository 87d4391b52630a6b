package dev.codeinterpreter.mcp.message;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.spool.Utf8;
import dev.codeinterpreter.wire.Node;
import java.util.Map;
import java.util.Optional;

/** The members of a JSON object of a message. */
public record Params(Map<String, Node> members) {
    static final Params NONE = new Params(Map.of());

    /** Characters of a string that is an id, a name, a URI and the like. */
    private static final int MAX_STRING_LENGTH = 16 * 1024;

    /** Of an id or a token, which comes back in each message about it. */
    private static final int MAX_ID_LENGTH = 1024;

    public boolean has(String name) {
        return members.containsKey(name);
    }

    public Optional<Node> get(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** A string of at most 16 KiB; empty for whatever else is there. */
    public Optional<String> string(String name) {
        return get(name).flatMap(Params::string);
    }

    /** An object; empty for whatever else is there. */
    public Optional<Params> object(String name) {
        return get(name).filter(Node.Obj.class::isInstance).map(node -> new Params(((Node.Obj) node).byName()));
    }

    /** A string or an integer as it stands in JSON, so that it can be repeated; empty for whatever else is there. */
    public Optional<String> id(String name) {
        return get(name).flatMap(node -> switch (node) {
            case Node.Num number
            when number.isInteger() && number.literal().length() <= MAX_ID_LENGTH -> Optional.of(number.literal());
            case Node.Str text ->
                string(text)
                        .filter(value -> value.length() <= MAX_ID_LENGTH)
                        .map(value -> Json.createValue(value).toString());
            default -> Optional.empty();
        });
    }

    private static Optional<String> string(Node node) {
        return node instanceof Node.Str(Text.InMemory(String value))
                        && value.length() <= MAX_STRING_LENGTH
                        && !Utf8.hasLoneSurrogate(value)
                ? Optional.of(value)
                : Optional.empty();
    }
}
