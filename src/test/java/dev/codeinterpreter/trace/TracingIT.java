package dev.codeinterpreter.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Collector;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The spans of requests, as a collector receives them from the service. */
@Timeout(120)
class TracingIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "b7ad6b7169203331";
    private static final String SAMPLED = "00-" + TRACE + "-" + PARENT + "-01";

    private static Collector collector;
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        collector = new Collector();
        service = ServiceProcess.start(Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint(),
                "OTEL_BSP_SCHEDULE_DELAY", "100",
                "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test",
                "LOG_FORMAT", "json",
                "LOG_REQUESTS", "true"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.close();
        collector.close();
    }

    private static List<Span> spansOf(String id, String path, String json, Map<String, String> headers) {
        Map<String, String> all = new java.util.HashMap<>(headers);
        all.put("Content-Type", "application/json");
        all.put("X-Request-Id", id);
        assertThat(api.send("POST", path, all, json).status()).isEqualTo(200);
        return collector.requestNamed(id);
    }

    private static List<String> shape(List<Span> spans) {
        return spans.stream()
                .map(span -> Collector.parentOf(span, spans)
                                .map(parent -> parent.getName() + " > ")
                                .orElse("")
                        + span.getName())
                .toList();
    }

    @Test
    void showsWhatARunConsistsOf() {
        String input = api.upload("in.txt", "x".repeat(100_000));
        String json = Program.of("""
                import time
                time.sleep(0.1)
                for i in range(2): open(f"out{i}.txt", "w").write("y" * 10000)
                """).file("in.txt", input).toJson().toString();
        List<Span> spans = spansOf("a-run", "/v1/execute", json, Map.of("traceparent", SAMPLED, "tracestate", "v=1"));
        System.out.println(Collector.tree(spans));
        assertThat(shape(spans))
                .containsExactlyInAnyOrder(
                        "POST /v1/execute",
                        "POST /v1/execute > admission.wait",
                        "POST /v1/execute > sandbox.claim",
                        "sandbox.claim > sandbox.launch",
                        "POST /v1/execute > sandbox.ready",
                        "POST /v1/execute > workspace.stage",
                        "POST /v1/execute > program.run",
                        "POST /v1/execute > workspace.collect",
                        "workspace.collect > store.write",
                        "workspace.collect > store.write");
        Span root = Collector.named(spans, "POST /v1/execute");
        assertThat(Collector.hex(root.getTraceId())).isEqualTo(TRACE);
        assertThat(Collector.hex(root.getParentSpanId())).isEqualTo(PARENT);
        assertThat(root.getTraceState()).isEqualTo("v=1");
        assertThat(root.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(Collector.attributes(root))
                .containsEntry("http.request.method", "POST")
                .containsEntry("http.route", "/v1/execute")
                .containsEntry("url.path", "/v1/execute")
                .containsEntry("url.scheme", "http")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("client.address", "127.0.0.1")
                .containsEntry("server.port", Integer.toString(api.port()));
        assertThat(Collector.attributes(Collector.named(spans, "sandbox.claim")))
                .containsEntry("code_interpreter.sandbox.kind", "cold");
        Span run = Collector.named(spans, "program.run");
        assertThat(Collector.attributes(run))
                .containsEntry("code_interpreter.exit_code", "0")
                .containsEntry("code_interpreter.termination", "exited")
                .containsKeys("code_interpreter.cpu_ms", "code_interpreter.peak_memory");
        assertThat(run.getEndTimeUnixNano() - run.getStartTimeUnixNano()).isGreaterThan(90_000_000L);
        assertThat(spans).allSatisfy(span -> {
            assertThat(span.getStartTimeUnixNano()).isGreaterThanOrEqualTo(root.getStartTimeUnixNano());
            assertThat(span.getEndTimeUnixNano()).isLessThanOrEqualTo(root.getEndTimeUnixNano());
        });
        assertThat(Collector.attributes(collector.resources().getFirst().getAttributesList()))
                .containsEntry("service.name", "code-interpreter")
                .containsEntry("deployment.environment.name", "test")
                .containsKey("service.version");
        assertThat(service.log().lines().filter(line -> line.contains("\"request_id\":\"a-run\"")))
                .singleElement()
                .asString()
                .contains("\"trace_id\":\"" + TRACE + "\"", "\"route\":\"/v1/execute\"", "\"status\":200");
    }

    @Test
    void goesWithAStream() {
        String json = Program.of("print(1)").toJson().toString();
        List<Span> spans = spansOf("a-stream", "/v1/execute/stream", json, Map.of());
        assertThat(shape(spans))
                .contains(
                        "POST /v1/execute/stream > admission.wait",
                        "POST /v1/execute/stream > program.run",
                        "POST /v1/execute/stream > workspace.collect");
    }

    @Test
    void goesWithASession() {
        try (Session session = Session.begin(api)) {
            String path = "/v1/sessions/" + session.id();
            List<Span> spans = spansOf("a-line", path + "/bash", "{\"cmd\":\"echo hi\"}", Map.of());
            assertThat(shape(spans))
                    .contains(
                            "POST /v1/sessions/{session_id}/bash > admission.wait",
                            "POST /v1/sessions/{session_id}/bash > session.connect",
                            "POST /v1/sessions/{session_id}/bash > program.run");
            session.write("namenkanarie.txt", "x".getBytes(UTF_8));
            Await.until(
                    "the span of a file",
                    BOUND,
                    () -> collector.spans().stream()
                            .anyMatch(span -> span.getName().equals("POST /v1/sessions/{session_id}/files/{path}")));
            assertThat(everything()).doesNotContain(session.id());
        }
        Await.until(
                "the span of a creation",
                BOUND,
                () -> collector.spans().stream().anyMatch(span -> span.getName().equals("POST /v1/sessions")));
    }

    @Test
    void saysWhatFailed() {
        assertThat(api.send("POST", "/v1/execute", Map.of("X-Request-Id", "refused"), "{}")
                        .status())
                .isEqualTo(422);
        Span refused = collector.requestNamed("refused").getFirst();
        assertThat(Collector.attributes(refused)).containsEntry("http.response.status_code", "422");
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
        assertThat(api.send("GET", "/pfadkanarie", Map.of("X-Request-Id", "unknown"), "")
                        .status())
                .isEqualTo(404);
        Span unknown = collector.requestNamed("unknown").getFirst();
        assertThat(unknown.getName()).isEqualTo("GET");
        assertThat(Collector.attributes(unknown)).doesNotContainKeys("http.route", "url.path");
        assertThat(everything()).doesNotContain("pfadkanarie");
    }

    @Test
    void holdsNothingOfTheClients() {
        String id = api.upload("namenkanarie.txt", "dateikanarie");
        Map<String, String> headers =
                Map.of("Authorization", "Bearer schluesselkanarie", "X-API-Key", "schluesselkanarie");
        String json = Program.of("# kodekanarie\nprint('aus' + 'gabekanarie', input()); open('namenkanarie2', 'w')")
                .stdin("eingabekanarie")
                .file("namenkanarie.txt", id)
                .toJson()
                .toString();
        spansOf("secrets", "/v1/execute?token=schluesselkanarie", json, headers);
        api.get("/v1/files/" + id);
        assertThat(everything()).doesNotContain("kanarie", id);
    }

    /** All that has been sent so far. */
    private static String everything() {
        return collector.spans().stream().map(Span::toString).collect(Collectors.joining())
                + collector.resources().getFirst();
    }

    static List<String> hostile() {
        return List.of(
                "traceparent: " + SAMPLED + "-" + "x".repeat(10_000),
                "traceparent: " + "0".repeat(12_000),
                "traceparent: " + SAMPLED + "\r\ntraceparent: 00-" + TRACE + "-" + PARENT + "-00",
                "traceparent: " + SAMPLED.toUpperCase(java.util.Locale.ROOT),
                "traceparent: \u00ff\u00fe",
                "tracestate: " + "a=1,".repeat(3000),
                "baggage: " + "a=1,".repeat(3000),
                "traceparent: 1\r\n".repeat(90) + "tracestate: x");
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void takesNoHarmFromHeaders(String headers) throws Exception {
        String id = "h" + Integer.toHexString(headers.hashCode());
        String request =
                "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Request-Id: %s\r\n%s\r\n\r\n"
                        .formatted(id, headers);
        assertThat(api.raw(request.getBytes(ISO_8859_1))).startsWith("HTTP/1.1 200 ");
        Span span = collector.requestNamed(id).getFirst();
        assertThat(Collector.hex(span.getTraceId())).isNotEqualTo(TRACE);
        assertThat(span.getParentSpanId().isEmpty()).isTrue();
        assertThat(span.getTraceState()).isEmpty();
    }

    /** Nothing of OpenTelemetry is loaded, and no thread is there for it. */
    @Test
    void isNotThereWithoutAnEndpoint() {
        try (ServiceProcess off = ServiceProcess.start(Map.of("OTEL_SERVICE_NAME", "x"))) {
            assertThat(off.api()
                            .send("GET", "/health", Map.of("traceparent", SAMPLED), "")
                            .status())
                    .isEqualTo(200);
            assertThat(off.jcmd("VM.class_hierarchy"))
                    .contains("dev.codeinterpreter.trace.Span")
                    .doesNotContain("opentelemetry");
            assertThat(off.jcmd("Thread.print"))
                    .contains("\"Reference Handler\"")
                    .doesNotContain("BatchSpanProcessor");
        }
        assertThat(service.jcmd("VM.class_hierarchy")).contains("io.opentelemetry");
        assertThat(service.jcmd("Thread.print")).contains("BatchSpanProcessor");
    }

    /** As the other tests' service, whose engine is away, with a collector that never answers. */
    @Test
    void neitherDelaysNorFailsWithoutACollector() {
        try (Collector broken = new Collector()) {
            broken.setMood(Collector.Mood.HANGS);
            Map<String, String> settings =
                    new java.util.HashMap<>(Backend.current().nowhere());
            settings.put("OTEL_EXPORTER_OTLP_ENDPOINT", broken.endpoint());
            settings.put("OTEL_EXPORTER_OTLP_TIMEOUT", "500");
            settings.put("OTEL_BSP_SCHEDULE_DELAY", "100");
            try (ServiceProcess service = ServiceProcess.start(settings)) {
                long start = System.nanoTime();
                Await.until("requests that reach the collector", BOUND, () -> {
                    assertThat(service.api().get("/health").status()).isEqualTo(200);
                    return broken.requests() > 3;
                });
                for (int i = 0; i < 300; i++) {
                    assertThat(service.api().get("/health").status()).isEqualTo(200);
                }
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
                assertThat(service.log().lines().filter(line -> line.contains("collector")))
                        .hasSize(1);
                assertThat(service.log()).doesNotContain(" io.opentelemetry");
                assertThat(service.stop()).isZero();
            }
        }
    }
}
