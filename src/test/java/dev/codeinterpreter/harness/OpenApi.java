package dev.codeinterpreter.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The service's description of itself, to be held against what it does. */
public final class OpenApi {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch");

    private final JsonObject document;
    private final Schemas schemas;

    private OpenApi(JsonObject document) {
        this.document = document;
        this.schemas = new Schemas(document);
    }

    /** As a running service gives it. */
    public static OpenApi of(Api api) {
        return new OpenApi(api.get("/openapi.json").json());
    }

    /** @param path with its parameters in braces */
    public record Operation(String method, String path, JsonObject json) {
        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    public List<Operation> operations() {
        return document.getJsonObject("paths").entrySet().stream()
                .flatMap(path -> path.getValue().asJsonObject().entrySet().stream()
                        .filter(member -> METHODS.contains(member.getKey()))
                        .map(member -> new Operation(
                                member.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                member.getValue().asJsonObject())))
                .toList();
    }

    /** @param name such as {@code GET /v1/files} */
    public Operation operation(String name) {
        return operations().stream()
                .filter(operation -> operation.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not described: " + name));
    }

    /** The schema of a JSON body, for operations that take one. */
    public Optional<JsonObject> requestSchema(Operation operation) {
        return Optional.ofNullable(operation.json().getJsonObject("requestBody"))
                .map(body -> body.getJsonObject("content").getJsonObject("application/json"))
                .map(content -> schemas.resolve(content.getJsonObject("schema")));
    }

    /** A query parameter's schema. */
    public JsonObject querySchema(Operation operation, String name) {
        return operation.json().getJsonArray("parameters").stream()
                .map(schemas::resolve)
                .filter(parameter -> parameter.getString("in").equals("query"))
                .filter(parameter -> parameter.getString("name").equals(name))
                .map(parameter -> schemas.resolve(parameter.getJsonObject("schema")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not described: " + name));
    }

    public JsonObject resolve(JsonValue value) {
        return schemas.resolve(value);
    }

    /** Statuses of success. */
    public static Stream<String> successes(Operation operation) {
        return operation.json().getJsonObject("responses").keySet().stream().filter(status -> status.startsWith("2"));
    }

    /** Fails unless the document allows this answer: its status, its headers, its type and every member of its body. */
    public void requireDescribed(Operation operation, Answer answer) {
        JsonObject responses = operation.json().getJsonObject("responses");
        String status = Integer.toString(answer.status());
        assertThat(responses.keySet()).as("%s: %s", operation, answer).contains(status);
        JsonObject response = schemas.resolve(responses.getJsonObject(status));
        response.getOrDefault("headers", JsonValue.EMPTY_JSON_OBJECT)
                .asJsonObject()
                .forEach((name, header) -> requireHeader(answer, name, schemas.resolve(header)));
        JsonObject content = response.getJsonObject("content");
        if (content == null) {
            assertThat(answer.body()).as(operation.toString()).isEmpty();
            return;
        }
        String type = answer.header("content-type").orElse("none").split(";", 2)[0];
        assertThat(content.keySet()).as("%s: %s", operation, answer).contains(type);
        JsonObject schema = content.getJsonObject(type).getJsonObject("schema");
        switch (type) {
            case "application/json" -> {
                requireFitting(answer.toString(), schema, answer.json());
                requireCode(answer);
            }
            case "text/event-stream" -> requireEvents(schema, answer.body());
            default -> requireFitting("the content", schema, Json.createValue(answer.body()));
        }
    }

    /** The health of a service that is not well is no error. */
    private static void requireCode(Answer answer) {
        if (answer.status() >= 400 && answer.json().containsKey("detail")) {
            ErrorCode expected =
                    answer.status() == 400 ? ErrorCode.MALFORMED_BODY : ErrorCode.ofStatus(answer.status());
            assertThat(answer.code()).as(answer.toString()).isEqualTo(expected.label());
        }
    }

    private void requireEvents(JsonObject schema, String body) {
        List<String> lines =
                body.lines().filter(line -> line.startsWith("data: ")).toList();
        assertThat(lines).as("events").isNotEmpty();
        lines.forEach(line -> requireFitting(
                line,
                schema,
                Json.createReader(new StringReader(line.substring(6))).readObject()));
    }

    private void requireHeader(Answer answer, String name, JsonObject header) {
        JsonObject schema = schemas.resolve(header.getJsonObject("schema"));
        String text = answer.header(name.toLowerCase(Locale.ROOT))
                .orElseThrow(() -> new AssertionError("no %s: %s".formatted(name, answer)));
        boolean integer = schema.getString("type").equals("integer");
        requireFitting(name, schema, integer ? Json.createValue(Integer.parseInt(text)) : Json.createValue(text));
    }

    private void requireFitting(String what, JsonValue schema, JsonValue value) {
        assertThat(schemas.problems(schema, value)).as(what).isEmpty();
    }

    /** What a list of names holds, empty when it is not there. */
    public static List<String> names(JsonObject owner, String member) {
        return owner.getOrDefault(member, JsonValue.EMPTY_JSON_ARRAY)
                .asJsonArray()
                .getValuesAs(JsonString::getString);
    }
}
