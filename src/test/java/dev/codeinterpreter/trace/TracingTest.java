package dev.codeinterpreter.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.codeinterpreter.harness.Collector;
import dev.codeinterpreter.logging.RequestId;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spans as a collector receives them. */
class TracingTest {
    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-01";
    private static final String NOT_SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-00";
    /** A sampler by the trace's id records it at any ratio over zero. */
    private static final String ALWAYS_SAMPLED = "00-abababababababab0000000000000000-b7ad6b7169203331-01";

    private final Collector collector = new Collector();

    @AfterEach
    void close() {
        collector.close();
    }

    private OtelTracer tracer(String sampler, double ratio) {
        return new OtelTracer(
                new TraceConfig(true, sampler, ratio),
                "1.2.3",
                Map.of("otel.exporter.otlp.endpoint", collector.endpoint(), "otel.bsp.schedule.delay", "50"));
    }

    private static Optional<RemoteParent> parent(@Nullable String traceparent) {
        return traceparent == null ? Optional.empty() : RemoteParent.of(traceparent, "vendor=1");
    }

    @Test
    void beginsNothingWhereNothingIsTraced() {
        try (Span span = Tracing.begin("a");
                Phases phases = Tracing.phases()) {
            phases.enter("b");
            assertThat(span).isSameAs(Span.NONE);
            assertThat(Tracing.current()).isSameAs(Span.NONE);
            assertThat(span.headers()).isEmpty();
            assertThat(span.traceId()).isNull();
        }
        Runnable task = () -> {};
        assertThat(Tracing.carry(task)).isSameAs(task);
        assertThat(RequestId.carry(task)).isSameAs(task);
    }

    @Test
    void makesATree() throws Exception {
        try (OtelTracer tracer = tracer("parentbased_always_on", 1)) {
            try (Span _ = Tracing.enter(tracer.begin("root", parent(SAMPLED)))) {
                try (Span outer = Tracing.begin("outer")) {
                    outer.set("long", "x".repeat(1000)).set("number", 7);
                    try (Span _ = Tracing.begin("inner")) {
                        Thread.ofVirtual()
                                .start(RequestId.carry(
                                        () -> Tracing.begin("carried").close()))
                                .join();
                    }
                }
                try (Phases phases = Tracing.phases()) {
                    phases.enter("first");
                    phases.enter("second");
                    try (Span leaf = Tracing.current().child("leaf")) {
                        leaf.fail("no_room");
                    }
                }
                Thread.ofVirtual().start(() -> Tracing.begin("lost").close()).join();
            }
            assertThat(Tracing.current()).isSameAs(Span.NONE);
        }
        var spans = collector.spans();
        assertThat(spans)
                .extracting(span -> span.getName() + " of "
                        + Collector.parentOf(span, spans)
                                .map(parent -> parent.getName())
                                .orElse("-"))
                .containsExactlyInAnyOrder(
                        "root of -",
                        "outer of root",
                        "inner of outer",
                        "carried of inner",
                        "first of root",
                        "second of root",
                        "leaf of second");
        assertThat(spans)
                .allMatch(span -> Collector.hex(span.getTraceId()).equals(TRACE))
                .allMatch(span -> span.getTraceState().equals("vendor=1"));
        var root = Collector.named(spans, "root");
        assertThat(root.getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
        assertThat(Collector.hex(root.getParentSpanId())).isEqualTo("b7ad6b7169203331");
        assertThat(Collector.attributes(Collector.named(spans, "outer")))
                .containsOnly(entry("long", "x".repeat(256)), entry("number", "7"));
        assertThat(Collector.attributes(Collector.named(spans, "leaf"))).containsEntry("error.type", "no_room");
        assertThat(Collector.attributes(collector.resources().getFirst().getAttributesList()))
                .containsEntry("service.name", "code-interpreter")
                .containsEntry("service.version", "1.2.3");
    }

    @Test
    void takesAParentThatAMessageNames() {
        try (OtelTracer tracer = tracer("parentbased_always_on", 1)) {
            try (Span root = tracer.begin("POST /mcp", Optional.empty())) {
                try (Span call = Tracing.enter(
                                root.childOf("tools/call", parent(SAMPLED).orElseThrow()));
                        Span _ = Tracing.begin("part")) {
                    assertThat(call.traceId()).isEqualTo(TRACE);
                }
            }
        }
        var spans = collector.spans();
        var call = Collector.named(spans, "tools/call");
        assertThat(Collector.hex(call.getTraceId())).isEqualTo(TRACE);
        assertThat(call.getLinksList())
                .singleElement()
                .satisfies(link -> assertThat(link.getSpanId())
                        .isEqualTo(Collector.named(spans, "POST /mcp").getSpanId()));
        assertThat(Collector.named(spans, "part").getParentSpanId()).isEqualTo(call.getSpanId());
    }

    @Test
    void handsItsOwnSpanOn() {
        try (OtelTracer tracer = tracer("parentbased_always_on", 1);
                Span root = tracer.begin("root", parent(SAMPLED))) {
            assertThat(root.headers())
                    .containsOnlyKeys("traceparent", "tracestate")
                    .containsEntry("tracestate", "vendor=1")
                    .hasEntrySatisfying(
                            "traceparent",
                            text -> assertThat(text)
                                    .matches("00-" + TRACE + "-[0-9a-f]{16}-01")
                                    .doesNotContain("b7ad6b7169203331"));
        }
    }

    @Test
    void boundsTheSpansOfARequest() {
        try (OtelTracer tracer = tracer("parentbased_always_on", 1);
                Span root = tracer.begin("root", Optional.empty())) {
            for (int i = 0; i < 5000; i++) {
                try (Span span = root.child("part")) {
                    span.set("i", i);
                    assertThat(span.traceId()).isEqualTo(root.traceId());
                }
            }
        }
        assertThat(collector.spans()).hasSize(129);
    }

    /** Each of 200 requests with the same parent. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "parentbased_always_on, 1, -, 200",
                "parentbased_always_on, 1, " + NOT_SAMPLED + ", 0",
                "always_on, 1, " + NOT_SAMPLED + ", 200",
                "always_off, 1, " + SAMPLED + ", 0",
                "parentbased_always_off, 1, " + SAMPLED + ", 200",
                "parentbased_traceidratio, 0, " + SAMPLED + ", 200",
                "parentbased_traceidratio, 0, -, 0",
                "traceidratio, 0, " + SAMPLED + ", 0"
            })
    void samplesAsItIsTold(String sampler, double ratio, @Nullable String parent, int recorded) {
        try (OtelTracer tracer = tracer(sampler, ratio)) {
            for (int i = 0; i < 200; i++) {
                try (Span _ = Tracing.enter(tracer.begin("root", parent(parent)))) {
                    Tracing.begin("part").close();
                }
            }
        }
        assertThat(collector.spans()).hasSize(2 * recorded);
    }

    /** What a client chooses does not count: neither its flag nor its trace's id. Parts go with their whole. */
    @Test
    void cannotBeForcedBeyondTheRatio() {
        try (OtelTracer tracer = tracer("traceidratio", 0.1)) {
            for (int i = 0; i < 1000; i++) {
                try (Span root = Tracing.enter(tracer.begin("root", parent(ALWAYS_SAMPLED)))) {
                    assertThat(root.traceId()).isEqualTo(ALWAYS_SAMPLED.substring(3, 35));
                    Tracing.begin("part").close();
                }
            }
        }
        List<String> names =
                collector.spans().stream().map(span -> span.getName()).toList();
        // Of a binomial distribution with mean 100 and deviation 9.5.
        assertThat(names.stream().filter("root"::equals).count()).isBetween(40L, 170L);
        assertThat(names.stream().filter("part"::equals).count())
                .isEqualTo(names.stream().filter("root"::equals).count());
    }
}
