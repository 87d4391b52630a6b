package dev.codeinterpreter.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Services whose clock is hours ahead or behind, beside one whose clock is right, on the same engine. The host's clock is
 * left alone: libfaketime tells one process another time of day, and the same monotonic one.
 */
@Tag("alone")
@Timeout(120)
class ClockIT {
    private static final Duration PROMPT = Duration.ofSeconds(20);
    private static @Nullable Path library;

    @BeforeAll
    static void find() throws IOException {
        library = library().orElse(null);
        Assumptions.assumeTrue(library != null, "skipped: there is no libfaketime here (Debian's package libfaketime)");
    }

    private static Optional<Path> library() throws IOException {
        try (Stream<Path> places = Files.list(Path.of("/usr/lib"))) {
            return places.map(place -> place.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"+3h", "-3h"})
    void servesSessionsOfOthersWhateverItsClockSays(String offset) {
        try (ServiceProcess right = ServiceProcess.start(Map.of());
                Session session = Session.begin(right.api(), "{\"ttl_seconds\":600}");
                ServiceProcess wrong = startAt(offset)) {
            Session same = session.through(wrong.api());
            assertThat(same.python("x = 1").exited(0)).isTrue();
            // It has looked for what is overdue by now: it does so as it starts.
            assertThat(wrong.api().run("print(1 + 1)").stdout()).isEqualTo("2\n");
            assertThat(session.python("print(x)").stdout()).isEqualTo("1\n");
            assertThat(session.get().status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"+3h", "-3h"})
    void endsWhatItBeginsAtItsTime(String offset) {
        try (ServiceProcess wrong = startAt(offset);
                Session session = Session.begin(wrong.api(), "{\"ttl_seconds\":3}")) {
            assertThat(wrong.api()
                            .run(Program.of("while True: pass").timeoutMs(500))
                            .timedOut())
                    .isTrue();
            Await.until("the end of a session", PROMPT, () -> session.get().status() == 404);
            wrong.engine().awaitNone(PROMPT);
            String id = wrong.api().upload("x", "kept");
            assertThat(wrong.api().content(id)).isEqualTo("kept");
        }
    }

    private static ServiceProcess startAt(String offset) {
        return ServiceProcess.start(
                Map.of("LD_PRELOAD", String.valueOf(library), "FAKETIME", offset, "FAKETIME_DONT_FAKE_MONOTONIC", "1"));
    }
}
