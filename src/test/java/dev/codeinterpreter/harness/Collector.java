package dev.codeinterpreter.harness;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;

/** A receiver of OTLP over HTTP, which decodes what it is sent, and can be out of order. */
public final class Collector implements AutoCloseable {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<Resource> resources = new CopyOnWriteArrayList<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Mood mood = Mood.ACCEPTS;

    /** What it does with a request. */
    public enum Mood {
        ACCEPTS,
        /** Status 500. */
        FAILS,
        /** Reads it and never answers. */
        HANGS
    }

    public Collector() {
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/v1/traces", this::receive);
        server.start();
    }

    /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public void setMood(Mood mood) {
        this.mood = mood;
    }

    public int requests() {
        return requests.get();
    }

    /** All that it has accepted so far, in the order of their beginnings. */
    public List<Span> spans() {
        return spans.stream()
                .sorted(Comparator.comparingLong(Span::getStartTimeUnixNano))
                .toList();
    }

    public List<Resource> resources() {
        return List.copyOf(resources);
    }

    /** The spans of a request that has been answered, when its own, which ends last, is there. */
    public List<Span> requestNamed(String id) {
        Span root = Await.value(
                "the span of " + id,
                BOUND,
                () -> spans.stream()
                        .filter(span -> id.equals(attributes(span).get("code_interpreter.request_id")))
                        .findFirst());
        return spans().stream()
                .filter(span -> span.getTraceId().equals(root.getTraceId()))
                .toList();
    }

    /** The one span of this name. */
    public static Span named(List<Span> spans, String name) {
        List<Span> found =
                spans.stream().filter(span -> span.getName().equals(name)).toList();
        if (found.size() != 1) {
            throw new AssertionError("%d of %s in %s"
                    .formatted(
                            found.size(),
                            name,
                            spans.stream().map(Span::getName).toList()));
        }
        return found.getFirst();
    }

    public static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    public static Map<String, String> attributes(Span span) {
        return attributes(span.getAttributesList());
    }

    public static Map<String, String> attributes(List<KeyValue> pairs) {
        Map<String, String> attributes = new TreeMap<>();
        pairs.forEach(pair -> attributes.put(pair.getKey(), text(pair.getValue())));
        return attributes;
    }

    /** For people: a line for each span, indented below its parent, with its duration and attributes. */
    public static String tree(List<Span> spans) {
        StringBuilder text = new StringBuilder();
        spans.stream().filter(span -> parentOf(span, spans).isEmpty()).forEach(root -> append(root, spans, 0, text));
        return text.toString();
    }

    public static Optional<Span> parentOf(Span span, List<Span> spans) {
        return spans.stream()
                .filter(other -> other.getSpanId().equals(span.getParentSpanId()))
                .findFirst();
    }

    private static void append(Span span, List<Span> spans, int depth, StringBuilder text) {
        double milliseconds = (span.getEndTimeUnixNano() - span.getStartTimeUnixNano()) / 1e6;
        String line = "%s%s".formatted("  ".repeat(depth), span.getName());
        text.append("%-34s %8.2f ms  %s%n".formatted(line, milliseconds, attributes(span)));
        List<Span> parts = new ArrayList<>(spans);
        parts.removeIf(part -> !part.getParentSpanId().equals(span.getSpanId()));
        parts.forEach(part -> append(part, spans, depth + 1, text));
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    private void receive(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
            switch (mood) {
                case ACCEPTS -> {
                    request.getResourceSpansList().forEach(group -> {
                        resources.add(group.getResource());
                        group.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
                    });
                    exchange.sendResponseHeaders(200, -1);
                }
                case FAILS -> exchange.sendResponseHeaders(500, -1);
                case HANGS -> awaitClosed();
            }
        }
    }

    private void awaitClosed() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
