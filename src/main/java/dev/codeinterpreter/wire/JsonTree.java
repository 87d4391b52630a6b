package dev.codeinterpreter.wire;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.json.Json;
import jakarta.json.JsonException;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParsingException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the tree from the parser's events, without recursion, so that nesting costs no stack. */
final class JsonTree {
    /** The reference gives up at about this depth, with the same answer. */
    private static final int MAX_DEPTH = 900;

    private final LongStringReader text;
    private final int mostValues;
    private final Deque<Container> open = new ArrayDeque<>();
    private int values;
    private @Nullable Node root;

    /** A list or an object that has not ended yet; {@code members} is null for a list. */
    private static final class Container {
        final @Nullable Map<String, Node> members;
        final List<Node> elements = new ArrayList<>(0);
        String name = "";

        Container(@Nullable Map<String, Node> members) {
            this.members = members;
        }

        void add(Node value) {
            if (members == null) {
                elements.add(value);
            } else {
                members.put(name, value);
            }
        }

        Node finish() {
            return members == null ? new Node.Arr(elements) : new Node.Obj(members);
        }
    }

    private JsonTree(LongStringReader text, int mostValues) {
        this.text = text;
        this.mostValues = mostValues;
    }

    /**
     * Parses all of {@code text}.
     *
     * @throws MalformedJsonException when it is not JSON
     * @throws ServiceException when it is nested too deep or has too many values
     */
    static Node parse(LongStringReader text, int mostValues) throws IOException {
        return new JsonTree(text, mostValues).parse();
    }

    private Node parse() throws IOException {
        try (JsonParser parser = Json.createParser(text)) {
            while (root == null || parser.hasNext()) {
                take(parser, parser.next());
            }
            return root;
        } catch (JsonParsingException e) {
            throw MalformedJsonException.of(e, text, root != null);
        } catch (JsonException e) {
            // The text itself could not be read.
            throw e.getCause() instanceof IOException io ? io : new IOException(e);
        }
    }

    private void take(JsonParser parser, JsonParser.Event event) {
        switch (event) {
            case START_OBJECT -> open(new Container(new LinkedHashMap<>(4)));
            case START_ARRAY -> open(new Container(null));
            case KEY_NAME -> open.element().name = parser.getString();
            case VALUE_STRING -> add(new Node.Str(text.resolve(parser.getString())));
            case VALUE_NUMBER -> add(new Node.Num(parser.getString()));
            case VALUE_TRUE -> add(Node.Constant.TRUE);
            case VALUE_FALSE -> add(Node.Constant.FALSE);
            case VALUE_NULL -> add(Node.Constant.NULL);
            case END_OBJECT, END_ARRAY -> add(open.pop().finish());
        }
    }

    private void open(Container container) {
        if (open.size() == MAX_DEPTH) {
            throw RequestBody.unreadable(null);
        }
        open.push(container);
    }

    private void add(Node value) {
        if (++values > mostValues) {
            throw new ServiceException(
                    ErrorCode.TOO_LARGE, "Request body exceeds maximum of %d values".formatted(mostValues));
        }
        Container parent = open.peek();
        if (parent == null) {
            root = value;
        } else {
            parent.add(value);
        }
    }
}
