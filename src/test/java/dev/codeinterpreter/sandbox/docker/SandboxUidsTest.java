package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.sandbox.BackendException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxUidsTest {
    @TempDir
    private Path directory;

    /** Through the whole range of an engine that has few, and over its end. */
    @Test
    void givesNoUidTwiceBeforeTheRangeIsUsedUp() throws IOException, BackendException {
        try (FakeEngine engine = engine("name=userns");
                EngineClient client = new EngineClient(engine.address())) {
            SandboxUids uids = new SandboxUids(client);
            Set<Integer> given = new HashSet<>();
            for (int sandbox = 0; sandbox < 32_000; sandbox++) {
                int uid = uids.next();
                int connector = SandboxUids.ofConnector(uid);
                assertThat(uid).isBetween(1_000, 64_999);
                assertThat(connector).isBetween(1_000, 64_999);
                assertThat(given.add(uid)).isTrue();
                assertThat(given.add(connector)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"name=seccomp, 200000, 2147483646", "name=rootless, 1000, 64999"})
    void staysInTheRangeThatTheEngineHas(String option, int first, int last) throws IOException, BackendException {
        try (FakeEngine engine = engine(option);
                EngineClient client = new EngineClient(engine.address())) {
            int uid = new SandboxUids(client).next();
            assertThat(uid).isBetween(first, last);
            assertThat(SandboxUids.ofConnector(uid)).isBetween(first, last);
        }
    }

    /** A session whose user is not known again is one that nobody can reach. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                1_000,
                64_998,
                200_000,
                999_999_999,
                1_000_000_000,
                1_999_999_999,
                2_000_000_000,
                2_099_999_999,
                2_100_000_000,
                2_144_986_338,
                2_147_483_644,
                2_147_483_646
            })
    void knowsEachUidAgainThatItGives(int uid) {
        assertThat(SandboxUids.ofUser(SandboxUids.user(uid))).hasValue(uid);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "root",
                "0:1",
                "200000",
                "200000:200001",
                "2147483647:2147483647",
                "9999999999:9999999999",
                "-5:-5"
            })
    void knowsNoOtherUser(String user) {
        assertThat(SandboxUids.ofUser(user)).isEmpty();
    }

    private FakeEngine engine(String option) throws IOException {
        FakeEngine engine = new FakeEngine(directory.resolve("engine.sock"));
        String body = "{\"SecurityOptions\":[\"%s\"]}".formatted(option);
        engine.answers(
                "GET /info",
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(body.getBytes(UTF_8).length, body));
        return engine;
    }
}
