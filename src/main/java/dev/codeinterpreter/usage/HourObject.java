package dev.codeinterpreter.usage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import jakarta.json.stream.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process has counted in an hour as JSON: {@code {"format":1,"tenants":[{"tenant":"acme","cpu_ms":12}]}}. */
final class HourObject {
    private static final int FORMAT = 1;
    private static final byte[] BEGIN =
            "{\"format\":%d,\"tenants\":[".formatted(FORMAT).getBytes(UTF_8);
    private static final byte[] END = "]}".getBytes(UTF_8);
    private static final byte[] NEXT = ",\n".getBytes(UTF_8);
    /** A row has some 200 bytes of heap. */
    private static final int MAX_TENANTS = 20_000;

    private HourObject() {}

    /** As many tenants as {@link UsageStore#MAX_BYTES} have room for. */
    static byte[] write(Map<String, Totals> byTenant) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(BEGIN);
        boolean first = true;
        for (Map.Entry<String, Totals> row : byTenant.entrySet()) {
            byte[] json = row.getValue().json(row.getKey()).toString().getBytes(UTF_8);
            if (content.size() + NEXT.length + json.length + END.length > UsageStore.MAX_BYTES) {
                break;
            }
            if (!first) {
                content.writeBytes(NEXT);
            }
            first = false;
            content.writeBytes(json);
        }
        content.writeBytes(END);
        return content.toByteArray();
    }

    /** Empty when it is broken, or of a version that we do not know. Members that we do not know are passed over. */
    static Optional<Map<String, Totals>> read(byte[] content) {
        try (JsonParser parser = Json.createParser(new InputStreamReader(new ByteArrayInputStream(content), UTF_8))) {
            Map<String, Totals> byTenant = new HashMap<>();
            boolean known = false;
            require(parser.next() == JsonParser.Event.START_OBJECT);
            while (parser.next() == JsonParser.Event.KEY_NAME) {
                String name = parser.getString();
                JsonParser.Event value = parser.next();
                if (name.equals("format")) {
                    require(value == JsonParser.Event.VALUE_NUMBER && parser.getInt() == FORMAT);
                    known = true;
                } else if (name.equals("tenants")) {
                    require(value == JsonParser.Event.START_ARRAY);
                    add(parser.getArrayStream(), byTenant);
                } else if (value == JsonParser.Event.START_ARRAY) {
                    parser.skipArray();
                } else if (value == JsonParser.Event.START_OBJECT) {
                    parser.skipObject();
                }
            }
            require(known && !parser.hasNext());
            return Optional.of(Map.copyOf(byTenant));
        } catch (RuntimeException e) {
            // A foreign object may break any of the parser's rules: half of it, wrong types, deep nesting.
            return Optional.empty();
        }
    }

    private static void add(Stream<JsonValue> rows, Map<String, Totals> byTenant) {
        rows.forEach(row -> {
            JsonObject json = row.asJsonObject();
            String tenant = json.getString("tenant");
            byTenant.computeIfAbsent(tenant, key -> new Totals()).add(Totals.of(json));
            require(byTenant.size() <= MAX_TENANTS);
        });
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException("not what a process has counted");
        }
    }
}
