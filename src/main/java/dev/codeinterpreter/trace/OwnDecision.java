package dev.codeinterpreter.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Decides on each request as if it began its trace. The sampler of OpenTelemetry that records a share of the traces decides
 * by the trace's id, and that the client chooses: one that ends in zeros is always recorded.
 */
final class OwnDecision implements Sampler {
    private final Sampler sampler;
    private final Sampler parts;

    OwnDecision(Sampler sampler) {
        this.sampler = sampler;
        this.parts = Sampler.parentBased(sampler);
    }

    @Override
    public SamplingResult shouldSample(
            Context parent, String traceId, String name, SpanKind kind, Attributes attributes, List<LinkData> links) {
        SpanContext span = Span.fromContext(parent).getSpanContext();
        if (span.isValid() && !span.isRemote()) {
            return parts.shouldSample(parent, traceId, name, kind, attributes, links);
        }
        String ownId = IdGenerator.random().generateTraceId();
        return sampler.shouldSample(Context.root(), ownId, name, kind, attributes, links);
    }

    @Override
    public String getDescription() {
        return "OwnDecision{%s}".formatted(sampler.getDescription());
    }
}
