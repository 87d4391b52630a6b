package dev.codeinterpreter.trace;

import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A span of OpenTelemetry. */
final class OtelSpan implements Span {
    private static final int MAX_VALUE = 256;

    private final Tracer tracer;
    private final io.opentelemetry.api.trace.Span span;
    private final Context context;
    private final AtomicInteger left;

    /** @param left how many spans the request may still have: a program can return a thousand files, each with its span */
    private OtelSpan(Tracer tracer, io.opentelemetry.api.trace.Span span, Context parent, AtomicInteger left) {
        this.tracer = tracer;
        this.span = span;
        this.context = parent.with(span);
        this.left = left;
    }

    /** The span of a whole request. */
    static Span server(Tracer tracer, String name, Context parent, int maxSpans) {
        return new OtelSpan(
                tracer,
                builder(tracer, name, parent, SpanKind.SERVER).startSpan(),
                parent,
                new AtomicInteger(maxSpans));
    }

    @Override
    public Span child(String name) {
        if (left.getAndUpdate(spans -> Math.max(0, spans - 1)) == 0) {
            // It has the trace's id and is not recorded.
            var unrecorded = io.opentelemetry.api.trace.Span.wrap(span.getSpanContext());
            return new OtelSpan(tracer, unrecorded, context, left);
        }
        return new OtelSpan(
                tracer, builder(tracer, name, context, SpanKind.INTERNAL).startSpan(), context, left);
    }

    @Override
    public Span childOf(String name, RemoteParent parent) {
        Context remote = RemoteContext.of(parent);
        if (!io.opentelemetry.api.trace.Span.fromContext(remote)
                .getSpanContext()
                .isValid()) {
            return child(name);
        }
        return new OtelSpan(
                tracer,
                builder(tracer, name, remote, SpanKind.SERVER)
                        .addLink(span.getSpanContext())
                        .startSpan(),
                remote,
                left);
    }

    @Override
    public Span set(String key, String value) {
        if (span.isRecording()) {
            span.setAttribute(key, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE));
        }
        return this;
    }

    @Override
    public Span set(String key, long value) {
        span.setAttribute(key, value);
        return this;
    }

    @Override
    public void fail(String type) {
        span.setStatus(StatusCode.ERROR);
        set("error.type", type);
    }

    @Override
    public Map<String, String> headers() {
        Map<String, String> headers = new TreeMap<>();
        W3CTraceContextPropagator.getInstance().inject(context, headers, (target, name, value) -> {
            if (target != null) {
                target.put(name, value);
            }
        });
        return headers;
    }

    @Override
    public @Nullable String traceId() {
        return span.getSpanContext().getTraceId();
    }

    @Override
    public void close() {
        span.end();
    }

    private static SpanBuilder builder(Tracer tracer, String name, Context parent, SpanKind kind) {
        return tracer.spanBuilder(name).setParent(parent).setSpanKind(kind);
    }
}
