package dev.codeinterpreter.trace;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Logs that spans are lost: at once, then every ten minutes at most, and once when they are accepted again. */
final class ReportedExporter implements SpanExporter {
    private static final System.Logger LOG = System.getLogger(ReportedExporter.class.getName());
    private static final Duration SILENCE = Duration.ofMinutes(10);
    private static final int MAX_REASON = 200;
    private static final int MAX_DEPTH = 20;

    private final SpanExporter exporter;
    private final Duration silence;
    private long lost;
    private boolean failing;
    private long reportedAt;

    ReportedExporter(SpanExporter exporter) {
        this(exporter, SILENCE);
    }

    ReportedExporter(SpanExporter exporter, Duration silence) {
        this.exporter = exporter;
        this.silence = silence;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        int count = spans.size();
        CompletableResultCode result = exporter.export(spans);
        result.whenComplete(() -> {
            if (result.isSuccess()) {
                accepted();
            } else {
                lost(count, result.getFailureThrowable());
            }
        });
        return result;
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }

    private synchronized void accepted() {
        if (failing) {
            failing = false;
            LOG.log(System.Logger.Level.INFO, "the collector accepts spans again, {0} were lost", lost);
            lost = 0;
        }
    }

    private synchronized void lost(int count, @Nullable Throwable why) {
        lost += count;
        long now = System.nanoTime();
        if (!failing || now - reportedAt >= silence.toNanos()) {
            failing = true;
            reportedAt = now;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the collector of OTEL_EXPORTER_OTLP_ENDPOINT accepts no spans, {0} are lost: {1}",
                    lost,
                    reason(why));
        }
    }

    /** The innermost one: those around it say that an export has failed. The collector's own words are as long as it likes. */
    private static String reason(@Nullable Throwable why) {
        Throwable innermost = why;
        for (int depth = 0; innermost != null && innermost.getCause() != null && depth < MAX_DEPTH; depth++) {
            innermost = innermost.getCause();
        }
        String text = innermost == null
                ? "no reason is known"
                : "%s: %s".formatted(innermost.getClass().getSimpleName(), innermost.getMessage());
        return text.length() <= MAX_REASON ? text : text.substring(0, MAX_REASON) + "...";
    }
}
