package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every field of every JSON body takes what the description of the service says, and nothing else. The requests name
 * files and sessions that are not there, so what the schema lets through ends in 404 and launches nothing.
 */
@Tag("complete")
@Timeout(60)
class OpenApiRequestsIT {
    private static ServiceProcess service;
    private static Api api;
    private static OpenApi openApi;
    /** Before the first test; the engine forgets old ones. */
    private static long launches;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
        api = service.api();
        openApi = OpenApi.of(api);
        launches = service.engine().launches();
    }

    @AfterAll
    static void stop() {
        assertThat(service.engine().launches()).as("sandboxes launched").isLessThanOrEqualTo(launches);
    }

    /** @param loc where the one error is; empty for a body that is taken */
    record Case(OpenApi.Operation operation, String name, JsonValue body, List<Object> loc) {
        @Override
        public String toString() {
            return operation + ": " + name;
        }
    }

    static Stream<Case> cases() {
        // The body of MCP has errors of its own, see McpRequestsIT.
        return openApi.operations().stream()
                .filter(operation -> !operation.path().equals("/mcp"))
                .flatMap(operation -> openApi.requestSchema(operation).stream()
                        .flatMap(schema -> new Cases(operation, schema).all().stream()));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void takesWhatIsDescribedAndNothingElse(Case row) {
        Answer answer = api.post(place(row.operation()), row.body().toString());
        openApi.requireDescribed(row.operation(), answer);
        if (row.loc().isEmpty()) {
            assertThat(answer.status()).as(answer.toString()).isEqualTo(404);
            return;
        }
        assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
        JsonArray errors = answer.json().getJsonArray("detail");
        assertThat(errors).hasSize(1);
        assertThat(errors.getJsonObject(0).getJsonArray("loc"))
                .isEqualTo(Json.createArrayBuilder(row.loc()).build());
    }

    /** The field is left out under a highest timeout that is its default, and one that is a millisecond lower. */
    @ParameterizedTest
    @CsvSource({
        "POST /v1/execute, ''",
        "POST /v1/execute/stream, ''",
        "POST /v1/sessions/{session_id}/bash, cmd",
        "POST /v1/sessions/{session_id}/python, code"
    })
    void hasTheDescribedTimeoutWhenNoneIsGiven(String name, String field) {
        OpenApi.Operation operation = openApi.operation(name);
        JsonObject properties = openApi.requestSchema(operation).orElseThrow().getJsonObject("properties");
        int timeout = openApi.resolve(properties.getJsonObject("timeout_ms")).getInt("default");
        String body = field.isEmpty()
                ? "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":\"x\"}]}"
                : "{\"%s\":\"\"}".formatted(field);
        Answer refused = underHighest(timeout - 1, operation, body);
        assertThat(refused.status()).as(refused.toString()).isEqualTo(422);
        assertThat(refused.detail()).isEqualTo("timeout_ms exceeds maximum of %d ms".formatted(timeout - 1));
        assertThat(underHighest(timeout, operation, body).status()).isEqualTo(404);
    }

    private static Answer underHighest(int timeout, OpenApi.Operation operation, String body) {
        try (ServiceProcess bounded = ServiceProcess.start(Map.of("MAX_EXEC_TIMEOUT_MS", Integer.toString(timeout)))) {
            return bounded.api().post(place(operation), body);
        }
    }

    static Stream<Answer> badPages() {
        JsonObject limit = openApi.querySchema(openApi.operation("GET /v1/files"), "limit");
        return Stream.of(
                        Integer.toString(limit.getInt("minimum") - 1),
                        Integer.toString(limit.getInt("maximum") + 1),
                        "",
                        "x",
                        "1.0",
                        "true",
                        "null",
                        "99999999999")
                .map(value -> api.get("/v1/files?limit=" + value));
    }

    @ParameterizedTest
    @MethodSource("badPages")
    void refusesAPageOfAnotherSize(Answer answer) {
        openApi.requireDescribed(openApi.operation("GET /v1/files"), answer);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(422);
        assertThat(answer.json().getJsonArray("detail").getJsonObject(0).getJsonArray("loc"))
                .hasToString("[\"query\",\"limit\"]");
    }

    @ParameterizedTest
    @CsvSource({"minimum", "maximum", "default"})
    void takesAPageOfTheDescribedSizes(String keyword) {
        OpenApi.Operation list = openApi.operation("GET /v1/files");
        int limit = openApi.querySchema(list, "limit").getInt(keyword);
        openApi.requireDescribed(list, api.get("/v1/files?limit=" + limit));
        assertThat(api.get("/v1/files?limit=" + limit).status()).isEqualTo(200);
    }

    private static String place(OpenApi.Operation operation) {
        return operation.path().replace("{session_id}", "code-session-0123456789abcdef0123456789abcdef");
    }

    /** Bodies made from a schema: one that fits, and others that differ from it in one value. */
    private static final class Cases {
        private static final List<JsonValue> VALUES = List.of(
                JsonValue.NULL,
                JsonValue.FALSE,
                Json.createValue(5),
                Json.createValue(5.5),
                Json.createValue("five"),
                JsonValue.EMPTY_JSON_ARRAY,
                JsonValue.EMPTY_JSON_OBJECT);

        private final OpenApi.Operation operation;
        private final JsonObject schema;
        private final JsonObject sample;
        private final List<Case> cases = new ArrayList<>();

        Cases(OpenApi.Operation operation, JsonObject schema) {
            this.operation = operation;
            this.schema = schema;
            this.sample = sample(schema).asJsonObject();
        }

        List<Case> all() {
            cases.add(new Case(operation, "all fields", sample, List.of()));
            JsonObject more = Json.createObjectBuilder(sample).add("unknown", 1).build();
            cases.add(new Case(operation, "an unknown field", more, List.of()));
            object(schema, "", List.of("body"));
            return cases;
        }

        private void object(JsonObject object, String pointer, List<Object> loc) {
            List<String> required = OpenApi.names(object, "required");
            object.getJsonObject("properties").forEach((name, described) -> {
                String member = pointer + "/" + name;
                List<Object> place = below(loc, name);
                JsonObject property = openApi.resolve(described);
                if (required.contains(name)) {
                    without(member, place);
                } else if (!property.getString("type").equals("array")) {
                    // Without its files a request would not end in 404.
                    without(member, List.of());
                }
                value(property, member, place);
            });
        }

        private void value(JsonObject property, String pointer, List<Object> loc) {
            String type = property.getString("type");
            for (JsonValue value : VALUES) {
                if (value.equals(JsonValue.NULL) && property.getBoolean("nullable", false)) {
                    with(pointer, value, List.of());
                } else if (!isA(type, value)) {
                    with(pointer, value, loc);
                }
            }
            switch (type) {
                case "integer" -> {
                    bound(property, "minimum", -1, pointer, loc);
                    bound(property, "maximum", 1, pointer, loc);
                }
                case "array" -> value(openApi.resolve(property.getJsonObject("items")), pointer + "/0", below(loc, 0));
                case "object" -> object(property, pointer, loc);
                case "string", "boolean" -> assertThat(property).doesNotContainKeys("minLength", "maxLength", "enum");
                default -> throw new AssertionError("nobody has taught this test " + type);
            }
        }

        private void bound(JsonObject property, String keyword, int outwards, String pointer, List<Object> loc) {
            if (property.get(keyword) instanceof JsonNumber bound) {
                with(pointer, bound, List.of());
                with(pointer, Json.createValue(bound.intValueExact() + outwards), loc);
            }
        }

        private void with(String pointer, JsonValue value, List<Object> loc) {
            JsonObject body = Json.createPointer(pointer).replace(sample, value);
            cases.add(new Case(operation, pointer + " is " + value, body, loc));
        }

        private void without(String pointer, List<Object> loc) {
            JsonObject body = Json.createPointer(pointer).remove(sample);
            cases.add(new Case(operation, "no " + pointer, body, loc));
        }

        private static boolean isA(String type, JsonValue value) {
            return switch (value.getValueType()) {
                case STRING -> type.equals("string");
                case NUMBER -> type.equals("integer") && ((JsonNumber) value).isIntegral();
                case TRUE, FALSE -> type.equals("boolean");
                case ARRAY -> type.equals("array");
                case OBJECT -> type.equals("object");
                case NULL -> false;
            };
        }

        private JsonValue sample(JsonObject described) {
            return switch (described.getString("type")) {
                case "string" -> Json.createValue("x");
                case "integer" -> described.getJsonNumber("minimum");
                case "boolean" -> JsonValue.TRUE;
                case "array" -> {
                    JsonArrayBuilder one = Json.createArrayBuilder();
                    yield one.add(sample(openApi.resolve(described.getJsonObject("items"))))
                            .build();
                }
                case "object" -> {
                    JsonObjectBuilder all = Json.createObjectBuilder();
                    described
                            .getJsonObject("properties")
                            .forEach((name, property) -> all.add(name, sample(openApi.resolve(property))));
                    yield all.build();
                }
                default -> throw new AssertionError("nobody has taught this test " + described);
            };
        }

        private static List<Object> below(List<Object> loc, Object step) {
            return IntStream.rangeClosed(0, loc.size())
                    .mapToObj(i -> i < loc.size() ? loc.get(i) : step)
                    .toList();
        }
    }
}
