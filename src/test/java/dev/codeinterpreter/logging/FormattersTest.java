package dev.codeinterpreter.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Random;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormattersTest {
    private static final Formatter PLAIN = new PlainFormatter();
    private static final Formatter JSON = new JsonFormatter();
    private static final String PLAIN_START =
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d{4} INFO a\\.Logger: ";

    private static LogRecord entry(String message) {
        LogRecord entry = new LogRecord(Level.INFO, message);
        entry.setLoggerName("a.Logger");
        return entry;
    }

    private static JsonObject parsed(String line) {
        assertThat(line).endsWith("\n");
        assertThat(line.substring(0, line.length() - 1)).matches("[^\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029\\u202e]*");
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "C:\\new\\table",
                "a \"quoted\" word",
                "{0} braces {",
                "tab\there",
                "two\nlines",
                "2026-11-29T16:00:00.000+0000 INFO a.Logger: forged",
                "\u001b[31mred\u001b[0m",
                "\u0000\u0001\u007f\u009b31m",
                "line\u2028separator\u2029",
                "\u202eturned",
                "tag \udb40\udc41",
                "half \ud800 pair",
                "other \udc00 half",
                "whole \ud83d\ude00 pair",
                ""
            })
    void keepsAMessageOnItsLine(String message) {
        JsonObject line = parsed(JSON.format(entry(message)));
        assertThat(line.getString("message").codePoints().toArray())
                .isEqualTo(message.codePoints()
                        .map(c -> c >= 0xD800 && c < 0xE000 ? 0xFFFD : c)
                        .toArray());

        String plain = PLAIN.format(entry(message));
        assertThat(plain).matches("(?s)" + PLAIN_START + "[^\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029\\u202e]*\n");
    }

    @Test
    void namesTheFieldsAndNoOthers() {
        LogRecord entry = entry("it failed");
        entry.setThrown(new IOException("why"));
        JsonObject line = parsed(JSON.format(entry));
        assertThat(line.keySet()).containsExactly("timestamp", "level", "logger", "thread", "message", "exception");
        assertThat(line.getString("timestamp")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(line.getString("logger")).isEqualTo("a.Logger");
        assertThat(line.getString("exception")).startsWith("java.io.IOException: why\n\tat ");
    }

    @Test
    void namesTheRequestThatTheThreadWorksFor() {
        RequestId.begin("a-1");
        try {
            assertThat(parsed(JSON.format(entry("it failed"))).getString("request_id"))
                    .isEqualTo("a-1");
            assertThat(PLAIN.format(entry("request_id=forged")))
                    .endsWith(" INFO request_id=a-1 a.Logger: request_id=forged\n");
        } finally {
            RequestId.end();
        }
        assertThat(PLAIN.format(entry("it failed"))).doesNotContain("request_id");
    }

    @Test
    void namesTheTrace() {
        Span traced = new Span.Untraced() {
            @Override
            public String traceId() {
                return "0af7651916cd43dd8448eb211c80319c";
            }
        };
        RequestId.begin("a-1");
        try (Span _ = Tracing.enter(traced)) {
            assertThat(parsed(JSON.format(entry("x"))).keySet())
                    .containsExactly("timestamp", "level", "logger", "thread", "message", "request_id", "trace_id");
            assertThat(PLAIN.format(entry("x")))
                    .endsWith(" INFO request_id=a-1 trace_id=0af7651916cd43dd8448eb211c80319c a.Logger: x\n");
        } finally {
            RequestId.end();
        }
        assertThat(JSON.format(entry("x"))).doesNotContain("trace_id");
    }

    /** In JSON they are fields, in a plain line their text is the message. */
    @Test
    void addsTheFieldsOfParameters() {
        LogFields fields = new LogFields() {
            @Override
            public void addTo(JsonObjectBuilder line) {
                line.add("status", 200).add("client", "a\nb");
            }

            @Override
            public String toString() {
                return "200 for a\nb";
            }
        };
        LogRecord entry = entry("{0}");
        entry.setParameters(new Object[] {fields, "other"});
        JsonObject line = parsed(JSON.format(entry));
        assertThat(line.getInt("status")).isEqualTo(200);
        assertThat(line.getString("client")).isEqualTo("a\nb");
        assertThat(line.getString("message")).isEqualTo("200 for a\nb");
        assertThat(PLAIN.format(entry)).matches(PLAIN_START + "200 for a\\\\x0ab\n");
    }

    @ParameterizedTest
    @CsvSource({
        "SEVERE,ERROR",
        "WARNING,WARNING",
        "INFO,INFO",
        "CONFIG,DEBUG",
        "FINE,DEBUG",
        "FINER,TRACE",
        "FINEST,TRACE"
    })
    void saysTheLevelAsTheSettingDoes(String level, String name) {
        LogRecord entry = entry("x");
        entry.setLevel(Level.parse(level));
        assertThat(parsed(JSON.format(entry)).getString("level")).isEqualTo(name);
        assertThat(PLAIN.format(entry)).contains(" " + name + " a.Logger: ");
        assertThat(LogLevels.isKnown(name)).isTrue();
    }

    @Test
    void letsNoExceptionBeginALine() {
        String forged = "x\n2026-11-29T16:00:00.000+0000 INFO a.Logger: forged \u001b[31m";
        IOException thrown = new IOException(forged, new IllegalStateException(forged));
        thrown.addSuppressed(new RuntimeException(forged));
        LogRecord entry = entry("it failed");
        entry.setThrown(thrown);
        List<String> lines = PLAIN.format(entry).lines().toList();
        assertThat(lines.getFirst()).matches(PLAIN_START + "it failed");
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("\t"));
        assertThat(lines).noneMatch(line -> line.contains("\u001b")).anyMatch(line -> line.startsWith("\tCaused by: "));
        assertThat(parsed(JSON.format(entry)).getString("exception")).contains(forged);
    }

    @Test
    void endsWithAnExceptionThatCausesItself() {
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);
        LogRecord entry = entry("it failed");
        entry.setThrown(first);
        assertThat(PLAIN.format(entry)).contains("first", "second").hasSizeLessThan(100_000);
    }

    @Test
    void endsWithAChainOfManyCauses() {
        Exception thrown = new Exception("first");
        for (int i = 0; i < 20_000; i++) {
            thrown = new Exception(thrown);
        }
        LogRecord entry = entry("it failed");
        entry.setThrown(thrown);
        assertThat(PLAIN.format(entry).lines()).hasSizeLessThan(20_000);
        assertThat(parsed(JSON.format(entry)).getString("message")).isEqualTo("it failed");
    }

    @Test
    void writesWhateverComes() {
        Random random = new Random(17);
        for (int i = 0; i < 2000; i++) {
            String text = random.ints(random.nextInt(60), 0, i % 2 == 0 ? 0x100 : 0x10000)
                    .collect(StringBuilder::new, (builder, c) -> builder.append((char) c), StringBuilder::append)
                    .toString();
            LogRecord entry = entry(text);
            entry.setThrown(new Exception(text));
            parsed(JSON.format(entry));
            assertThat(PLAIN.format(entry).lines().skip(1)).allMatch(line -> line.startsWith("\t"));
        }
    }
}
