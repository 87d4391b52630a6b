package dev.codeinterpreter.trace;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The SDK of OpenTelemetry, set up by its variables. Only {@link TracerProducer} makes one, when tracing is on. */
final class OtelTracer implements RequestTracer {
    /** A session with a command needs 12, a run with 20 files 28. */
    private static final int MAX_SPANS = 128;

    private static final int FLUSH_SECONDS = 5;

    private final OpenTelemetrySdk sdk;
    private final Tracer tracer;

    /**
     * @param version of the service
     * @param properties of the SDK, which take precedence over variables
     * @throws io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException when a variable has a bad value
     */
    OtelTracer(TraceConfig config, String version, Map<String, String> properties) {
        this.sdk = AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() -> Map.of("otel.service.name", "code-interpreter"))
                .addPropertiesCustomizer(variables -> ours(config))
                .addPropertiesCustomizer(variables -> properties)
                .addResourceCustomizer((resource, variables) -> resource.toBuilder()
                        .put(AttributeKey.stringKey("service.version"), version)
                        .build())
                .addSamplerCustomizer((sampler, variables) -> decidedBy(config, sampler))
                .addSpanExporterCustomizer((exporter, variables) -> new ReportedExporter(exporter))
                .build()
                .getOpenTelemetrySdk();
        this.tracer = sdk.getTracer("dev.codeinterpreter", version);
    }

    /** What we have read ourselves, and what we have no use for: metrics are MicroProfile's. */
    private static Map<String, String> ours(TraceConfig config) {
        return Map.of(
                "otel.traces.exporter", "otlp",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none",
                "otel.exporter.otlp.protocol", "http/protobuf",
                "otel.exporter.otlp.traces.protocol", "http/protobuf",
                "otel.traces.sampler", config.sampler(),
                "otel.traces.sampler.arg", Double.toString(config.ratio()));
    }

    private static Sampler decidedBy(TraceConfig config, Sampler sampler) {
        return config.trustsParents() ? sampler : new OwnDecision(sampler);
    }

    @Override
    public Span begin(String name, Optional<RemoteParent> parent) {
        return OtelSpan.server(tracer, name, parent.map(RemoteContext::of).orElseGet(Context::root), MAX_SPANS);
    }

    @Override
    public void close() {
        sdk.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
}
