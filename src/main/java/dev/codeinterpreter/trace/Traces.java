package dev.codeinterpreter.trace;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServiceVersion;
import dev.codeinterpreter.config.Settings;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;

/** Has the service's tracer when tracing is on; otherwise no class of OpenTelemetry is loaded. */
@SingleInstance
public class Traces {
    private final Optional<RequestTracer> tracer;

    /** @param settings gets a problem when the SDK does not accept a variable */
    @Inject
    Traces(TraceConfig config, Settings settings) {
        this.tracer = config.enabled() ? start(config, settings) : Optional.empty();
    }

    private static Optional<RequestTracer> start(TraceConfig config, Settings settings) {
        try {
            return Optional.of(new OtelTracer(config, ServiceVersion.current().text(), Map.of()));
        } catch (RuntimeException e) {
            settings.problem("OTEL_*: " + withoutCredentials(String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** The SDK quotes headers that it cannot read. */
    static String withoutCredentials(String message) {
        return message.replaceAll("(?is)(headers).*", "$1 cannot be read");
    }

    /** Empty when tracing is off. */
    public Optional<RequestTracer> tracer() {
        return tracer;
    }

    @PreDestroy
    void close() {
        tracer.ifPresent(RequestTracer::close);
    }
}
