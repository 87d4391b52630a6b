package dev.codeinterpreter.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.harness.Schemas;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonPointer;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenApiDocumentTest {
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch");
    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{([^}]*)}");

    private final String text = text();
    private final JsonObject document =
            Json.createReader(new StringReader(text)).readObject();

    private record Operation(String name, JsonObject path, JsonObject body) {

        JsonObject responses() {
            return body.getJsonObject("responses");
        }
    }

    @Test
    void hasTheVersionOfTheProject() throws Exception {
        var pom = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("pom.xml").toFile());
        String version = XPathFactory.newInstance().newXPath().evaluate("/project/version", pom);

        assertThat(document.getJsonObject("info").getString("version"))
                .isEqualTo(version)
                .isNotEmpty();
    }

    @Test
    void holdsNoPlaceholderOfTheBuild() {
        assertThat(text).doesNotContain("${").doesNotContain("@");
    }

    @Test
    void describesEveryEndpoint() {
        assertThat(operations().map(Operation::name))
                .containsExactlyInAnyOrder(
                        "get /health",
                        "get /ready",
                        "post /v1/execute",
                        "post /v1/execute/stream",
                        "post /v1/sessions",
                        "get /v1/sessions/{session_id}",
                        "delete /v1/sessions/{session_id}",
                        "post /v1/sessions/{session_id}/keepalive",
                        "post /v1/sessions/{session_id}/bash",
                        "post /v1/sessions/{session_id}/bash/stream",
                        "post /v1/sessions/{session_id}/python",
                        "post /v1/sessions/{session_id}/python/stream",
                        "get /v1/sessions/{session_id}/files",
                        "get /v1/sessions/{session_id}/files/{path}",
                        "post /v1/sessions/{session_id}/files/{path}",
                        "delete /v1/sessions/{session_id}/files/{path}",
                        "get /v1/sandbox",
                        "post /mcp",
                        "get /v1/usage",
                        "get /v1/files",
                        "post /v1/files",
                        "get /v1/files/{file_id}",
                        "delete /v1/files/{file_id}",
                        "get /openapi.json",
                        "get /docs",
                        "get /redoc");
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(references())
                .isNotEmpty()
                .allSatisfy(reference ->
                        assertThat(resolves(reference)).as(reference).isTrue());
    }

    @Test
    void everyComponentIsUsed() {
        Set<String> components = new TreeSet<>();
        document.getJsonObject("components")
                .forEach((kind, members) -> members.asJsonObject()
                        .keySet()
                        .forEach(name -> components.add("#/components/%s/%s".formatted(kind, name))));
        // They are used by their names alone.
        components.removeIf(name -> name.startsWith("#/components/securitySchemes/"));

        assertThat(references()).containsAll(components);
    }

    @Test
    void everyOperationHasAnIdOfItsOwnATagAndASummary() {
        assertThat(operations().map(operation -> operation.body().getString("operationId")))
                .doesNotHaveDuplicates();
        List<String> tags = document.getJsonArray("tags").getValuesAs(JsonObject.class).stream()
                .map(tag -> tag.getString("name"))
                .toList();
        assertThat(operations()).allSatisfy(operation -> {
            assertThat(operation.body().getString("summary")).isNotEmpty();
            assertThat(operation.body().getJsonArray("tags").getValuesAs(JsonString::getString))
                    .isNotEmpty()
                    .isSubsetOf(tags);
        });
    }

    @Test
    void everyParameterOfAPathIsDescribed() {
        assertThat(operations()).allSatisfy(operation -> {
            List<String> inPath = PATH_PARAMETER
                    .matcher(operation.name())
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            assertThat(parameters(operation)
                            .filter(parameter -> parameter.getString("in").equals("path"))
                            .filter(parameter -> parameter.getBoolean("required"))
                            .map(parameter -> parameter.getString("name")))
                    .as(operation.name())
                    .containsExactlyElementsOf(inPath);
        });
    }

    @Test
    void everyOperationSucceedsInOneWay() {
        // A notification of MCP has no answer, and a request has one: both come to the same operation.
        assertThat(operations().filter(operation -> !operation.name().equals("post /mcp")))
                .allSatisfy(operation -> assertThat(operation.responses().keySet())
                        .as(operation.name())
                        .filteredOn(status -> status.startsWith("2"))
                        .hasSize(1));
    }

    @Test
    void everyErrorHasAJsonBodyWithASchemaAndAnExample() {
        Map<String, JsonObject> errors = new TreeMap<>();
        operations()
                .forEach(operation -> operation.responses().forEach((status, response) -> {
                    if (status.startsWith("4") || status.startsWith("5")) {
                        errors.put(operation.name() + " " + status, resolve(response));
                    }
                }));

        assertThat(errors).isNotEmpty().allSatisfy((name, response) -> {
            assertThat(response.getString("description")).isNotEmpty();
            JsonObject json = response.getJsonObject("content").getJsonObject("application/json");
            assertThat(resolve(json.getJsonObject("schema"))).isNotEmpty();
            assertThat(json.containsKey("example") || json.containsKey("examples"))
                    .as(name)
                    .isTrue();
        });
    }

    @Test
    void everyExampleFitsItsSchema() {
        Schemas schemas = new Schemas(document);
        List<String> problems = new ArrayList<>();
        operations().forEach(operation -> {
            Stream<JsonValue> answers = operation.responses().values().stream();
            Stream<JsonValue> bodies = Stream.ofNullable(operation.body().get("requestBody"));
            Stream.concat(answers, bodies)
                    .map(this::resolve)
                    .flatMap(owner ->
                            owner.getOrDefault("content", JsonValue.EMPTY_JSON_OBJECT).asJsonObject().values().stream())
                    .map(JsonValue::asJsonObject)
                    .forEach(content -> examples(content)
                            .flatMap(example -> schemas.problems(content.getJsonObject("schema"), example).stream())
                            .forEach(problem -> problems.add(operation.name() + " " + problem)));
        });
        assertThat(problems).isEmpty();
    }

    /** In OpenAPI 3.0 a schema without a type takes null anyway, and linters refuse the two words apart. */
    @Test
    void onlyWhatHasATypeIsNullable() {
        List<JsonObject> objects = new ArrayList<>();
        collectObjects(document, objects);
        assertThat(objects.stream().filter(object -> object.containsKey("nullable")))
                .isNotEmpty()
                .allSatisfy(schema -> assertThat(schema).containsKey("type"));
    }

    private static void collectObjects(JsonValue value, List<JsonObject> found) {
        switch (value) {
            case JsonObject object -> {
                found.add(object);
                object.values().forEach(member -> collectObjects(member, found));
            }
            case JsonArray array -> array.forEach(element -> collectObjects(element, found));
            default -> {
                // A scalar holds nothing.
            }
        }
    }

    private Stream<JsonValue> examples(JsonObject content) {
        Stream<JsonValue> several =
                content.getOrDefault("examples", JsonValue.EMPTY_JSON_OBJECT).asJsonObject().values().stream()
                        .map(example -> resolve(example).getJsonObject("value"));
        return Stream.concat(Stream.ofNullable(content.get("example")), several);
    }

    @ParameterizedTest
    @ValueSource(strings = {"post /v1/execute", "post /v1/execute/stream"})
    void executeNamesTheStatusesOfItsErrors(String name) {
        Operation execute = operation(name);

        assertThat(execute.responses()).containsKeys("200", "404", "413", "422", "429", "503");
        assertThat(retryAfter(execute, "429").getInt("example")).isEqualTo(2);
        assertThat(retryAfter(execute, "503").getInt("example")).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "post /v1/sessions/{session_id}/bash",
                "post /v1/sessions/{session_id}/bash/stream",
                "post /v1/sessions/{session_id}/python",
                "post /v1/sessions/{session_id}/python/stream"
            })
    void commandsOfSessionsNameTheStatusesOfTheirErrors(String name) {
        assertThat(operation(name).responses()).containsKeys("200", "404", "409", "422", "429", "503");
    }

    @Test
    void streamsDescribeTheDataOfTheirEvents() {
        List<Operation> streams = operations()
                .filter(operation -> operation.name().endsWith("/stream"))
                .toList();
        assertThat(streams).hasSize(3).allSatisfy(operation -> {
            JsonObject content = operation.responses().getJsonObject("200").getJsonObject("content");
            assertThat(content.keySet()).containsExactly("text/event-stream");
            JsonArray events = content.getJsonObject("text/event-stream")
                    .getJsonObject("schema")
                    .getJsonArray("oneOf");
            assertThat(events.stream().map(this::resolve).map(OpenApiDocumentTest::propertyNames))
                    .hasSize(operation.name().contains("bash") ? 3 : 4)
                    .anySatisfy(names -> assertThat(names).containsExactly("stream", "data"))
                    .anySatisfy(names -> assertThat(names)
                            .contains("exit_code", "timed_out", "duration_ms")
                            .doesNotContain("stdout", "stderr"))
                    .anySatisfy(names -> assertThat(names).containsExactly("message", "code"));
        });
    }

    @Test
    void namesEveryErrorCode() {
        JsonArray names =
                document.getValue("/components/schemas/ErrorCode/enum").asJsonArray();

        assertThat(names.getValuesAs(JsonString::getString))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::label).toList());
    }

    @Test
    void requiredMembersAreAmongTheProperties() {
        assertThat(document.getJsonObject("components").getJsonObject("schemas"))
                .allSatisfy((name, schema) -> assertThat(names(schema.asJsonObject(), "required"))
                        .as(name)
                        .isSubsetOf(propertyNames(schema.asJsonObject())));
    }

    private Stream<Operation> operations() {
        return document.getJsonObject("paths").entrySet().stream()
                .flatMap(path -> path.getValue().asJsonObject().entrySet().stream()
                        .filter(member -> METHODS.contains(member.getKey()))
                        .map(member -> new Operation(
                                member.getKey() + " " + path.getKey(),
                                path.getValue().asJsonObject(),
                                member.getValue().asJsonObject())));
    }

    private Operation operation(String name) {
        return operations()
                .filter(operation -> operation.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Stream<JsonObject> parameters(Operation operation) {
        return Stream.of(operation.path(), operation.body())
                .flatMap(owner -> owner.getOrDefault("parameters", JsonValue.EMPTY_JSON_ARRAY).asJsonArray().stream())
                .map(this::resolve);
    }

    private JsonObject retryAfter(Operation operation, String status) {
        JsonObject response = resolve(operation.responses().getJsonObject(status));
        return resolve(response.getJsonObject("headers").getJsonObject("Retry-After"));
    }

    private static List<String> names(JsonObject owner, String member) {
        JsonArray names = owner.getOrDefault(member, JsonValue.EMPTY_JSON_ARRAY).asJsonArray();
        return names.getValuesAs(JsonString::getString);
    }

    private static Set<String> propertyNames(JsonObject schema) {
        return schema.getOrDefault("properties", JsonValue.EMPTY_JSON_OBJECT)
                .asJsonObject()
                .keySet();
    }

    private JsonObject resolve(JsonValue value) {
        JsonObject object = value.asJsonObject();
        return object.containsKey("$ref")
                ? resolve(pointer(object.getString("$ref")).getValue(document))
                : object;
    }

    private boolean resolves(String reference) {
        return reference.startsWith("#/") && pointer(reference).containsValue(document);
    }

    private static JsonPointer pointer(String reference) {
        return Json.createPointer(reference.substring(1));
    }

    private List<String> references() {
        List<JsonObject> objects = new ArrayList<>();
        collectObjects(document, objects);
        return objects.stream()
                .filter(object -> object.containsKey("$ref"))
                .map(object -> object.getString("$ref"))
                .toList();
    }

    private static String text() {
        try (InputStream in = requireNonNull(DocsResource.class.getResourceAsStream("openapi.json"))) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
