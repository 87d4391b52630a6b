package dev.codeinterpreter.auth;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Scope;
import dev.codeinterpreter.tenant.TenantLimits;
import jakarta.json.JsonArray;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the text of a file of keys. All of it is right, or nothing of it counts. */
final class KeyFile {
    /** An entry has some 250 bytes; a request is compared with each. */
    static final int MAX_KEYS = 10_000;

    private static final int MAX_TENANTS = 10_000;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    /** Of a key, or of a tenant: nothing in it ends a line, a header or a label's text. */
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e](?:[\\x20-\\x7e]{0,126}[\\x21-\\x7e])?");

    private KeyFile() {}

    static KeyRing parse(byte[] text) throws KeyFileException {
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(text))) {
            return ring(reader.readObject());
        } catch (JsonException | ClassCastException e) {
            // The parser's words may have characters of the file in them.
            throw new KeyFileException("it is not a JSON object");
        }
    }

    private static KeyRing ring(JsonObject file) throws KeyFileException {
        Entry whole = new Entry("", file);
        whole.allow(Set.of("keys", "tenants"));
        Map<String, TenantLimits> tenants = tenants(whole.objects("tenants", MAX_TENANTS));
        List<ApiKey> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        for (Entry entry : whole.objects("keys", MAX_KEYS)) {
            ApiKey key = key(entry);
            if (!names.add(key.name())) {
                throw entry.wrong("name", "must not be that of another key");
            }
            if (!hashes.add(key.sha256())) {
                throw entry.wrong("sha256", "must not be that of another key");
            }
            keys.add(key);
        }
        return new KeyRing(keys, tenants);
    }

    private static ApiKey key(Entry entry) throws KeyFileException {
        entry.allow(Set.of("name", "sha256", "tenant", "scopes", "expires_at"));
        return new ApiKey(
                entry.name("name").orElseThrow(() -> entry.wrong("name", "is missing")),
                entry.text("sha256")
                        .filter(hash -> HASH.matcher(hash).matches())
                        .orElseThrow(() -> entry.wrong("sha256", "must be 64 hexadecimal digits in lower case")),
                entry.name("tenant").orElse(Caller.DEFAULT_TENANT),
                scopes(entry),
                expiry(entry));
    }

    private static Set<Scope> scopes(Entry entry) throws KeyFileException {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        if (!(entry.json().get("scopes") instanceof JsonArray labels)) {
            throw entry.wrong("scopes", "must be a list");
        }
        for (JsonValue label : labels) {
            scopes.add(Optional.of(label)
                    .filter(JsonString.class::isInstance)
                    .flatMap(text -> Scope.parse(((JsonString) text).getString()))
                    .orElseThrow(
                            () -> entry.wrong("scopes", "must be some of execute, files, sessions, usage, metrics")));
        }
        return scopes;
    }

    private static Optional<Instant> expiry(Entry entry) throws KeyFileException {
        Optional<String> text = entry.text("expires_at");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(text.get()).toInstant());
        } catch (DateTimeException e) {
            throw entry.wrong("expires_at", "must be a time such as 2030-01-31T12:00:00Z");
        }
    }

    private static Map<String, TenantLimits> tenants(List<Entry> entries) throws KeyFileException {
        Map<String, TenantLimits> tenants = new HashMap<>();
        for (Entry entry : entries) {
            String name = entry.name("name").orElseThrow(() -> entry.wrong("name", "is missing"));
            if (tenants.put(name, TenantEntry.limits(entry)) != null) {
                throw entry.wrong("name", "must not be that of another tenant");
            }
        }
        return tenants;
    }

    /** An object of the file, and where it is. */
    record Entry(String place, JsonObject json) {
        KeyFileException wrong(String member, String rule) {
            return new KeyFileException("%s%s %s".formatted(place, member, rule));
        }

        /** A name that is misspelled would be a limit that is not there. */
        void allow(Set<String> members) throws KeyFileException {
            for (String member : json.keySet()) {
                if (!members.contains(member)) {
                    throw new KeyFileException("%sknows no member of that name, only %s"
                            .formatted(place, members.stream().sorted().toList()));
                }
            }
        }

        List<Entry> objects(String member, int most) throws KeyFileException {
            JsonValue value = json.getOrDefault(member, JsonValue.EMPTY_JSON_ARRAY);
            if (!(value instanceof JsonArray array) || array.size() > most) {
                throw wrong(member, "must be a list of at most %d objects".formatted(most));
            }
            List<Entry> entries = new ArrayList<>();
            for (JsonValue element : array) {
                if (!(element instanceof JsonObject object)) {
                    throw wrong(member, "must be a list of objects");
                }
                entries.add(new Entry("%s[%d].".formatted(member, entries.size()), object));
            }
            return entries;
        }

        Optional<String> text(String member) throws KeyFileException {
            JsonValue value = json.getOrDefault(member, JsonValue.NULL);
            if (value.equals(JsonValue.NULL)) {
                return Optional.empty();
            }
            if (!(value instanceof JsonString text)) {
                throw wrong(member, "must be a string");
            }
            return Optional.of(text.getString());
        }

        Optional<String> name(String member) throws KeyFileException {
            Optional<String> text = text(member);
            if (text.isPresent() && !NAME.matcher(text.get()).matches()) {
                throw wrong(member, "must be 1 to 128 printable characters of ASCII");
            }
            return text;
        }
    }
}
