package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.tenant.Scope;
import dev.codeinterpreter.tenant.TenantLimits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFileTest {
    private static final String HASH = "a".repeat(64);

    @Test
    void readsEveryMember() throws KeyFileException {
        KeyRing ring = parse("""
                {"keys": [{"name": "onyx", "sha256": "%s", "tenant": "acme", "scopes": ["execute", "metrics"],
                           "expires_at": "2030-01-31T12:00:00+01:00"}],
                 "tenants": [{"name": "acme", "max_concurrent": 2, "requests_per_minute": 60, "max_sessions": 0,
                              "storage_mb": 3, "max_timeout_ms": 1000, "cpu_seconds_per_hour": 7}]}
                """.formatted(HASH));
        ApiKey key = ring.keys().getFirst();
        assertThat(key.name()).isEqualTo("onyx");
        assertThat(key.tenant()).isEqualTo("acme");
        assertThat(key.scopes()).containsExactlyInAnyOrder(Scope.EXECUTE, Scope.METRICS);
        assertThat(key.hasExpired(Instant.parse("2030-01-31T10:59:59Z"))).isFalse();
        assertThat(key.hasExpired(Instant.parse("2030-01-31T11:00:00Z"))).isTrue();
        TenantLimits limits = ring.limitsOf("acme");
        assertThat(limits.maxConcurrent()).hasValue(2);
        assertThat(limits.requestsPerMinute()).hasValue(60);
        assertThat(limits.maxSessions()).hasValue(0);
        assertThat(limits.storageBytes()).hasValue(3 << 20);
        assertThat(limits.maxTimeout()).contains(Duration.ofSeconds(1));
        assertThat(limits.cpuSecondsPerHour()).hasValue(7);
        assertThat(ring.limitsOf("other")).isEqualTo(TenantLimits.NONE);
    }

    @Test
    void aKeyWithoutATenantIsTheDefaultOnes() throws KeyFileException {
        assertThat(parse("{\"keys\":[{\"name\":\"a\",\"sha256\":\"%s\",\"scopes\":[]}]}".formatted(HASH))
                        .keys())
                .extracting(ApiKey::tenant)
                .containsExactly("default");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                nonsense | it is not a JSON object
                [] | it is not a JSON object
                {"keys":{}} | keys must be a list
                {"keys":[1]} | keys must be a list of objects
                {"kays":[]} | knows no member
                {"keys":[{"sha256":"HASH","scopes":[]}]} | keys[0].name is missing
                {"keys":[{"name":"a","scopes":[]}]} | keys[0].sha256 must be 64 hexadecimal digits
                {"keys":[{"name":"a","sha256":"ABC","scopes":[]}]} | keys[0].sha256 must be 64 hexadecimal digits
                {"keys":[{"name":"a","sha256":"HASH"}]} | keys[0].scopes must be a list
                {"keys":[{"name":"a","sha256":"HASH","scopes":["root"]}]} | keys[0].scopes must be some of execute
                {"keys":[{"name":"a","sha256":"HASH","scopes":[1]}]} | keys[0].scopes must be some of execute
                {"keys":[{"name":"a\\n","sha256":"HASH","scopes":[]}]} | keys[0].name must be 1 to 128 printable
                {"keys":[{"name":1,"sha256":"HASH","scopes":[]}]} | keys[0].name must be a string
                {"keys":[{"name":"a","sha256":"HASH","scopes":[],"expires_at":"soon"}]} | keys[0].expires_at must be a time
                {"keys":[{"name":"a","sha256":"HASH","scopes":[],"expires":"2030-01-01T00:00:00Z"}]} | keys[0].knows no member
                {"keys":[{"name":"a","sha256":"HASH","scopes":[]},{"name":"b","sha256":"HASH","scopes":[]}]} | keys[1].sha256 must not be that of another key
                {"keys":[{"name":"a","sha256":"HASH","scopes":[]},{"name":"a","sha256":"HASH","scopes":[]}]} | keys[1].name must not be that of another key
                {"tenants":[{"name":"t","max_concurrent":0}]} | tenants[0].max_concurrent must be a whole number from 1
                {"tenants":[{"name":"t","max_concurrent":1.5}]} | tenants[0].max_concurrent must be a whole number
                {"tenants":[{"name":"t","max_concurrency":1}]} | tenants[0].knows no member
                {"tenants":[{"name":"t"},{"name":"t"}]} | tenants[1].name must not be that of another tenant
                """)
    void refusesTheWholeFile(String text, String reason) {
        assertThatThrownBy(() -> parse(text.replace("HASH", HASH)))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining(HASH);
    }

    @Test
    void theCommandMakesAnEntryThatOpens() throws KeyFileException {
        Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00.5Z"), ZoneOffset.UTC);
        List<String> lines = KeyCommand.create(
                List.of("onyx", "--tenant", "acme", "--scopes", "execute,files", "--expires", "90d"), clock);
        String key = lines.getFirst().substring("key: ".length());
        assertThat(key).matches("ci_[A-Za-z0-9_-]{43}");
        KeyRing ring = parse("{\"keys\":[%s]}".formatted(lines.getLast()));
        assertThat(ring.find(key)).hasValueSatisfying(found -> {
            assertThat(found.tenant()).isEqualTo("acme");
            assertThat(found.scopes()).containsExactlyInAnyOrder(Scope.EXECUTE, Scope.FILES);
            assertThat(found.expiresAt()).contains(Instant.parse("2026-04-01T00:00:00Z"));
        });
        assertThat(ring.find(ApiKey.generate())).isEmpty();
        assertThat(lines.getLast()).doesNotContain(key);
    }

    @ParameterizedTest
    @CsvSource({"--tenant", "'a,--expires,soon'", "'a,--scopes,root'", "'a,--tenant'", "'a,--who,me'", "''"})
    void theCommandRefusesWhatItDoesNotKnow(String arguments) {
        List<String> words = arguments.isEmpty() ? List.of() : List.of(arguments.split(","));
        assertThatThrownBy(() -> KeyCommand.create(words, Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static KeyRing parse(String text) throws KeyFileException {
        return KeyFile.parse(text.getBytes(UTF_8));
    }
}
