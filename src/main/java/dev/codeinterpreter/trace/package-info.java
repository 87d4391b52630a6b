/**
 * What OpenTelemetry gets to see of a request: a tree of spans. {@link dev.codeinterpreter.trace.Tracing} is all that other
 * packages need: {@code try (Span span = Tracing.begin("name"))}. Without OTEL_EXPORTER_OTLP_ENDPOINT there is no current
 * span, so nothing is begun, and no class of OpenTelemetry is loaded.
 */
@NullMarked
package dev.codeinterpreter.trace;

import org.jspecify.annotations.NullMarked;
