package dev.codeinterpreter.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Collector;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A collector that is down, broken or slow costs spans and nothing else. */
@Timeout(60)
class CollectorFailureTest {
    /** More than its queue of 2048 holds. */
    private static final int SPANS = 20_000;

    private static final Logger LOGGER = Logger.getLogger(ReportedExporter.class.getName());

    /** As {@link dev.codeinterpreter.logging.Logs} has it; held, or its level would be forgotten. */
    private static final Logger SDK = Logger.getLogger("io.opentelemetry");

    private final Collector collector = new Collector();
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            lines.add(entry.getLevel() + " " + entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        SDK.setLevel(Level.OFF);
        LOGGER.setLevel(Level.INFO);
        LOGGER.addHandler(handler);
        LOGGER.setUseParentHandlers(false);
    }

    @AfterEach
    void close() {
        SDK.setLevel(null);
        LOGGER.removeHandler(handler);
        LOGGER.setUseParentHandlers(true);
        collector.close();
    }

    private static OtelTracer tracer(String endpoint) {
        return new OtelTracer(
                new TraceConfig(true, "always_on", 1),
                "1",
                Map.of(
                        "otel.exporter.otlp.endpoint", endpoint,
                        "otel.exporter.otlp.timeout", "500",
                        "otel.bsp.schedule.delay", "10"));
    }

    /** How long it took to begin and end {@code SPANS} of them. */
    private static Duration record(OtelTracer tracer) {
        long start = System.nanoTime();
        for (int i = 0; i < SPANS; i++) {
            tracer.begin("span", Optional.empty()).close();
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @EnumSource(
            value = Collector.Mood.class,
            names = {"FAILS", "HANGS"})
    void delaysNoSpanAndIsLoggedOnce(Collector.Mood mood) {
        collector.setMood(mood);
        long start;
        try (OtelTracer tracer = tracer(collector.endpoint())) {
            // A tenth of a second here; were one to wait for the collector, it would be a half for each batch of 512.
            assertThat(record(tracer)).isLessThan(Duration.ofSeconds(10));
            Await.until("a line", Duration.ofSeconds(30), () -> !lines.isEmpty());
            record(tracer);
            start = System.nanoTime();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(lines).singleElement().asString().startsWith("WARNING the collector of OTEL_EXPORTER_OTLP_ENDPOINT");
    }

    @Test
    void delaysNoSpanWhenNobodyListens() {
        collector.close();
        try (OtelTracer tracer = tracer(collector.endpoint())) {
            assertThat(record(tracer)).isLessThan(Duration.ofSeconds(10));
            Await.until("a line", Duration.ofSeconds(30), () -> !lines.isEmpty());
        }
        assertThat(lines).hasSize(1);
    }

    @Test
    void isLoggedWhenItAcceptsAgain() {
        collector.setMood(Collector.Mood.FAILS);
        try (OtelTracer tracer = tracer(collector.endpoint())) {
            tracer.begin("first", Optional.empty()).close();
            Await.until("a line", Duration.ofSeconds(30), () -> lines.size() == 1);
            collector.setMood(Collector.Mood.ACCEPTS);
            tracer.begin("second", Optional.empty()).close();
            Await.until("another line", Duration.ofSeconds(30), () -> lines.size() == 2);
        }
        assertThat(lines.get(1)).startsWith("INFO the collector accepts spans again");
        assertThat(collector.spans())
                .singleElement()
                .satisfies(span -> assertThat(span.getName()).isEqualTo("second"));
    }

    /** The SDK's own checks. */
    @Test
    void namesAVariableThatTheSdkDoesNotAccept() {
        assertThatThrownBy(() -> new OtelTracer(
                        new TraceConfig(true, "always_on", 1), "1", Map.of("otel.bsp.schedule.delay", "often")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("otel.bsp.schedule.delay");
    }

    @Test
    void repeatsNoCredentialsOfHeaders() {
        assertThatThrownBy(() -> new OtelTracer(
                        new TraceConfig(true, "always_on", 1),
                        "1",
                        Map.of("otel.exporter.otlp.headers", "authorization geheim")))
                .satisfies(e -> assertThat(Traces.withoutCredentials(String.valueOf(e.getMessage())))
                        .contains("headers")
                        .doesNotContain("geheim"));
    }

    @Test
    void isOffWithoutAnEndpoint() {
        Settings settings = new Settings(name -> Optional.empty());
        assertThat(new Traces(TraceConfig.from(settings), settings).tracer()).isEmpty();
        settings.verify();
    }
}
