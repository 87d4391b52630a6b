package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.CodeInterpreterApplication;
import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The description of the service has the endpoints that the service has, no more and no fewer, and the page shows it. */
@Timeout(60)
class OpenApiIT {
    /** What the pages for people are made of: nothing that a client would call. */
    private static final List<String> PARTS_OF_PAGES = List.of("GET /docs/{name}", "GET /playground/{name}");

    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

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
        // One was asked what its image has, for GET /v1/sandbox.
        assertThat(service.engine().launches()).as("sandboxes launched").isLessThanOrEqualTo(launches + 1);
    }

    @Test
    void describesWhatIsThereAndNothingElse() {
        List<String> served = new CodeInterpreterApplication()
                .getClasses().stream()
                        .filter(resource -> resource.isAnnotationPresent(Path.class))
                        .flatMap(resource -> Arrays.stream(resource.getMethods())
                                .flatMap(method -> served(resource.getAnnotation(Path.class), method)))
                        .filter(name -> !PARTS_OF_PAGES.contains(name))
                        .toList();
        assertThat(openApi.operations().stream().map(OpenApi.Operation::toString))
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(served);
    }

    private static Stream<String> served(Path base, Method method) {
        Path below = method.getAnnotation(Path.class);
        String path = ("/" + base.value() + "/" + (below == null ? "" : below.value()))
                .replaceAll("/+", "/")
                .replaceAll("\\{(\\w+):[^}]*}", "{$1}")
                .replaceAll("(.)/$", "$1");
        return Arrays.stream(method.getAnnotations())
                .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
                .filter(verb -> verb != null)
                .map(verb -> verb.value() + " " + path);
    }

    /** With no body, of sessions and files that are not there: nothing happens, but somebody answers. */
    @Test
    void answersEveryOperation() {
        assertThat(openApi.operations()).allSatisfy(operation -> {
            Answer answer = api.send(operation.method(), place(operation.path()), Map.of(), "");
            assertThat(answer.status()).as(answer.toString()).isNotEqualTo(405);
            assertThat(answer.body()).doesNotContain("\"Not Found\"");
            openApi.requireDescribed(operation, answer);
        });
    }

    @Test
    void saysOfEveryPathWhichMethodsItHas() {
        Map<String, TreeSet<String>> offered = new TreeMap<>();
        openApi.operations()
                .forEach(operation -> offered.computeIfAbsent(operation.path(), path -> new TreeSet<>())
                        .add(operation.method()));
        assertThat(offered)
                .allSatisfy((path, methods) -> assertThat(METHODS.stream().filter(method -> !methods.contains(method)))
                        .allSatisfy(method -> {
                            Answer answer = api.send(method, place(path), Map.of(), "");
                            assertThat(answer.status())
                                    .as("%s %s: %s", method, path, answer)
                                    .isEqualTo(405);
                            assertThat(answer.body())
                                    .isEqualTo("{\"detail\":\"Method Not Allowed\",\"code\":\"method_not_allowed\"}");
                            assertThat(answer.header("content-type")).contains("application/json");
                            TreeSet<String> allowed = new TreeSet<>(methods);
                            if (methods.contains("GET")) {
                                allowed.add("HEAD");
                            }
                            assertThat(answer.header("allow")).contains(String.join(", ", allowed));
                        }));
    }

    /** A client's base address may end in one. */
    @Test
    void takesASlashAtTheEndForNothing() {
        assertThat(openApi.operations().stream()
                        .filter(operation -> !operation.path().endsWith("{path}")))
                .allSatisfy(operation -> {
                    Answer plain = api.send(operation.method(), place(operation.path()), Map.of(), "");
                    Answer slash = api.send(operation.method(), place(operation.path()) + "/", Map.of(), "");
                    assertThat(slash.status()).as(slash.toString()).isEqualTo(plain.status());
                    assertThat(slash.body()).isEqualTo(plain.body());
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/sessions/{session_id}/nothing",
                "/v1/sessions/{session_id}/bash/nothing",
                "/v1/sessions/{session_id}/python/stream/x",
                "/v1/execute/stream/x",
                "/v1//execute",
                "//health",
                "/docs/nothing.js"
            })
    void knowsNoOtherPath(String path) {
        for (String method : METHODS) {
            Answer answer = api.send(method, place(path), Map.of(), "");
            boolean part = path.startsWith("/docs/") && !method.equals("GET");
            assertThat(answer.status()).as("%s %s", method, answer).isEqualTo(part ? 405 : 404);
            assertThat(answer.header("content-type")).contains("application/json");
        }
    }

    /** The page is Swagger UI, which shows the document that its settings name; all of it has to be there. */
    @Test
    void showsPeopleTheDocumentItself() {
        String page = api.get("/docs").body();
        List<String> parts = Pattern.compile("(?:src|href)=\"(/[^\"]+)\"")
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(parts)
                .contains("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/start.js", "/openapi.json")
                .allSatisfy(part -> assertThat(api.get(part).status()).isEqualTo(200));
        assertThat(api.get("/docs/start.js").body()).contains("url: \"/openapi.json\"");
        assertThat(api.get("/docs/swagger-ui-bundle.js").body()).contains("SwaggerUIBundle");
    }

    static List<OpenApi.Operation> operations() {
        return openApi.operations();
    }

    @ParameterizedTest
    @MethodSource("operations")
    void namesEachOperationForPeople(OpenApi.Operation operation) {
        assertThat(operation.json().getString("summary")).isNotBlank();
        assertThat(operation.json().getString("operationId")).isNotBlank();
    }

    /** A path with something in the place of its parameters, which is not there. */
    private static String place(String path) {
        return path.replace("{session_id}", "code-session-0123456789abcdef0123456789abcdef")
                .replace("{file_id}", "5c7ba0ac-3e3f-4f6c-9d3a-0d8d5a7c9b11")
                .replace("{path}", "a/b");
    }
}
