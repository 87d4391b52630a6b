package dev.codeinterpreter.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.auth.Authenticator.Decision;
import dev.codeinterpreter.config.InvalidSettingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a file that changes, and what they open. */
class KeysTest {
    /** The test looks itself. */
    private static final AuthTimings TIMINGS = new AuthTimings(
            Duration.ofDays(1),
            Duration.ofMillis(1),
            Duration.ofDays(1),
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofHours(1));

    private final String key = ApiKey.generate();
    private final String other = ApiKey.generate();

    @TempDir
    private Path directory;

    @Test
    void countFromTheMomentTheyAreWrittenUntilTheyAreTakenOut() throws IOException {
        Path file = write(entry("a", key, "acme", ""));
        Keys keys = keys(file);
        Authenticator authenticator = authenticator(keys, file);
        assertThat(tenant(decide(authenticator, key))).contains("acme");
        assertThat(tenant(decide(authenticator, other))).isEmpty();

        write(entry("b", other, "beta", ""));
        keys.reload();
        assertThat(tenant(decide(authenticator, key))).isEmpty();
        assertThat(tenant(decide(authenticator, other))).contains("beta");
    }

    @Test
    void stayWhenTheFileIsSpoiltAndThatIsAProblem() throws IOException {
        Path file = write(entry("a", key, "acme", ""));
        Keys keys = keys(file);
        for (String spoilt : List.of("{", "{\"keys\":[{}]}")) {
            Files.writeString(file, spoilt);
            keys.reload();
            assertThat(keys.problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("AUTH_KEYS_FILE", "the keys of before count on"));
            assertThat(keys.ring().find(key)).isPresent();
        }
        Files.delete(file);
        keys.reload();
        assertThat(keys.problem()).isPresent();
        write(entry("a", key, "acme", ""));
        keys.reload();
        assertThat(keys.problem()).isEmpty();
    }

    @Test
    void countAgainWhenTheFileIsBackAsItWasOrWasEmpty() throws IOException {
        Path file = write(entry("a", key, "acme", ""));
        Keys keys = keys(file);
        byte[] content = Files.readAllBytes(file);
        Files.delete(file);
        keys.reload();
        assertThat(keys.problem()).isPresent();
        Files.write(file, new byte[0]);
        keys.reload();
        assertThat(keys.problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("not a JSON object"));
        keys.reload();
        assertThat(keys.problem()).isPresent();
        Files.write(file, content);
        keys.reload();
        assertThat(keys.problem()).isEmpty();
        assertThat(keys.ring().find(key)).isPresent();
    }

    @Test
    void endTheStartWhenTheFileIsWrong() throws IOException {
        Path file = directory.resolve("none");
        assertThatThrownBy(() -> keys(file)).isInstanceOf(InvalidSettingsException.class);
        Files.writeString(file, "{\"keys\":1}");
        assertThatThrownBy(() -> keys(file))
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.lines())
                                .singleElement()
                                .asString()
                                .contains("AUTH_KEYS_FILE", "keys must be a list"));
    }

    @Test
    void expireToTheSecond() throws IOException {
        Path file = write(entry("a", key, "acme", ",\"expires_at\":\"2030-01-01T00:00:00Z\""));
        assertThat(tenant(decide(at("2029-12-31T23:59:59Z", file), key))).contains("acme");
        assertThat(tenant(decide(at("2030-01-01T00:00:00Z", file), key))).isEmpty();
    }

    @Test
    void knowWhoseEveryRequestWillBe() throws IOException {
        assertThat(new Keys(new AuthConfig(Optional.empty(), Optional.empty(), false), TIMINGS).only())
                .isEqualTo("default");
        assertThat(keys(write(entry("a", key, "acme", ""))).only()).isEqualTo("acme");
        assertThat(keys(write(entry("a", key, "acme", "") + "," + entry("b", other, "beta", "")))
                        .only())
                .isEmpty();
    }

    @Test
    void aScopeThatIsMissingIsForbiddenAndRequestsAreCounted() throws IOException {
        Path file = directory.resolve("keys.json");
        Files.writeString(
                file,
                "{\"keys\":[%s],\"tenants\":[{\"name\":\"acme\",\"requests_per_minute\":2}]}"
                        .formatted(entry("a", key, "acme", "")));
        Authenticator authenticator = authenticator(keys(file), file);
        assertThat(authenticator.decide(List.of("Bearer " + key), List.of(), loopback(), Need.METRICS))
                .isInstanceOf(Decision.Forbidden.class);
        assertThat(decide(authenticator, key)).isInstanceOf(Decision.Serve.class);
        assertThat(decide(authenticator, key)).isInstanceOf(Decision.Serve.class);
        assertThat(decide(authenticator, key)).isInstanceOfSatisfying(Decision.TooMany.class, refusal -> {
            assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
            assertThat(refusal.rate())
                    .hasValueSatisfying(rate -> assertThat(rate.remaining()).isZero());
        });
    }

    private static Optional<String> tenant(Decision decision) {
        return decision instanceof Decision.Serve serve
                ? Optional.of(serve.caller().tenant())
                : Optional.empty();
    }

    private static Decision decide(Authenticator authenticator, String key) {
        return authenticator.decide(List.of("Bearer " + key), List.of(), loopback(), Need.CREDENTIAL);
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }

    private static Authenticator authenticator(Keys keys, Path file) {
        return new Authenticator(config(file), keys, null, Clock.systemUTC(), TIMINGS);
    }

    private static Authenticator at(String moment, Path file) {
        Clock clock = Clock.fixed(Instant.parse(moment), ZoneOffset.UTC);
        return new Authenticator(config(file), keys(file), null, clock, TIMINGS);
    }

    private static Keys keys(Path file) {
        return new Keys(config(file), TIMINGS);
    }

    private static AuthConfig config(Path file) {
        return new AuthConfig(Optional.of(file), Optional.empty(), false);
    }

    private Path write(String entries) throws IOException {
        return Files.writeString(directory.resolve("keys.json"), "{\"keys\":[%s]}".formatted(entries));
    }

    private static String entry(String name, String key, String tenant, String more) {
        return "{\"name\":\"%s\",\"sha256\":\"%s\",\"tenant\":\"%s\",\"scopes\":[\"execute\"]%s}"
                .formatted(name, ApiKey.hash(key), tenant, more);
    }
}
