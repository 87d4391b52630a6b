package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxUidsTest {
    @TempDir
    private Path directory;

    /** Through the whole range of an engine that has few, and over its end. */
    @Test
    void givesNoUidTwiceBeforeTheRangeIsUsedUp() throws IOException, EngineException {
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
    void staysInTheRangeThatTheEngineHas(String option, int first, int last) throws IOException, EngineException {
        try (FakeEngine engine = engine(option);
                EngineClient client = new EngineClient(engine.address())) {
            int uid = new SandboxUids(client).next();
            assertThat(uid).isBetween(first, last);
            assertThat(SandboxUids.ofConnector(uid)).isBetween(first, last);
        }
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
