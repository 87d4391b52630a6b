package dev.codeinterpreter.trace;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a {@link RemoteParent} as OpenTelemetry does. Baggage is not read: nothing here would use it. */
final class RemoteContext implements TextMapGetter<RemoteParent> {
    private static final TextMapGetter<RemoteParent> GETTER = new RemoteContext();

    private RemoteContext() {}

    /** Without a span where {@code parent} is malformed. */
    static Context of(RemoteParent parent) {
        return W3CTraceContextPropagator.getInstance().extract(Context.root(), parent, GETTER);
    }

    /** Deprecated, and not yet optional. */
    @Override
    @SuppressWarnings("deprecation")
    public Iterable<String> keys(RemoteParent parent) {
        return List.of("traceparent", "tracestate");
    }

    @Override
    public @Nullable String get(@Nullable RemoteParent parent, String key) {
        if (parent == null) {
            return null;
        }
        return switch (key) {
            case "traceparent" -> parent.traceparent();
            case "tracestate" -> parent.tracestate().isEmpty() ? null : parent.tracestate();
            default -> null;
        };
    }
}
