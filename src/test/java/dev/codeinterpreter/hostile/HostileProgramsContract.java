package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Guard;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every hostile program gets its own result and nothing else: it is over in time, others are served meanwhile and
 * afterwards, it is counted once, the engine is left empty, the service is as it was and its store holds what the answer
 * lists.
 */
@Tag("alone")
@Timeout(60)
@TestInstance(Lifecycle.PER_CLASS)
abstract class HostileProgramsContract {
    private static final Pattern COMPLETED =
            Pattern.compile("(?m)^code_interpreter_executions_completed_total\\{[^}]*} (\\d+)");

    private final Way way;
    private final ServiceProcess service;
    private Footprint footprint;

    HostileProgramsContract(Way way) {
        this.way = way;
        this.service = ServiceProcess.start(Map.of(
                "WORKSPACE_SIZE_LIMIT", "32Mi",
                "TMP_SIZE_LIMIT", "16Mi",
                "MEMORY_LIMIT_MB", "128",
                "CPU_TIME_LIMIT_SEC", "4",
                "MAX_OUTPUT_FILES", "50",
                "A_SECRET", "CANARY-SECRET"));
    }

    @BeforeAll
    void start() throws IOException {
        Guard.check(service, "hostile");
        footprint = Footprint.of(service);
    }

    @AfterAll
    void stop() {
        service.close();
    }

    final ServiceProcess service() {
        return service;
    }

    final Footprint footprint() {
        return footprint;
    }

    private Stream<Hostile> rows(Stream<Hostile> all) {
        return all.filter(row -> row.ways().contains(way));
    }

    Stream<Hostile> loads() {
        return rows(HostileLoads.all());
    }

    Stream<Hostile> outputs() {
        return rows(HostileOutput.all());
    }

    Stream<Hostile> files() {
        return rows(HostileFiles.all());
    }

    Stream<Hostile> probes() {
        return rows(HostileProbes.all());
    }

    @ParameterizedTest
    @MethodSource("loads")
    void usesNoMoreThanItsShare(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void writesNoMoreThanItMay(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("files")
    void leavesOnlyPlainFiles(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("probes")
    void findsNoWayOut(Hostile hostile) {
        assertContained(hostile);
    }

    Stream<Hostile> tricks() {
        return rows(HostileTricks.all());
    }

    @ParameterizedTest
    @MethodSource("tricks")
    void gainsNothingByATrick(Hostile hostile) {
        assertContained(hostile);
    }

    private void assertContained(Hostile hostile) {
        int logged = service.log().length();
        long counted = completed();
        long start = System.nanoTime();
        Canary canary = Canary.begin(service.api());
        Result result;
        try {
            result = run(hostile);
        } catch (AssertionError e) {
            canary.settle();
            throw e;
        }
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        canary.requireAlive();
        assertThat(taken)
                .isLessThan(Duration.ofMillis(hostile.program().timeoutMs()).plus(way.grace));
        assertThat(result.json().toString())
                .doesNotContain(
                        "<runner>", "dev.codeinterpreter", service.storage().toString());
        try {
            assertStoreHolds(result);
        } finally {
            forget(result);
        }
        footprint.requireUnchanged();
        // Two for the canaries.
        assertThat(completed()).isEqualTo(counted + 2 + way.operations);
        assertThat(service.log().substring(logged)).isEmpty();
    }

    private Result run(Hostile hostile) {
        try {
            return way.run(
                    service.api(), hostile.program(), done -> hostile.check().verify(done, service.api()));
        } catch (AssertionError e) {
            // It has left its files, and is not to take the rows after it with it.
            contents().forEach(path -> service.api().delete("/v1/files/" + path.substring(0, path.indexOf('/'))));
            throw e;
        }
    }

    private Stream<String> contents() {
        return service.stored().keySet().stream().filter(path -> path.endsWith("/content"));
    }

    private void assertStoreHolds(Result result) {
        assertThat(contents())
                .containsExactlyInAnyOrderElementsOf(result.files().values().stream()
                        .map(id -> id + "/content")
                        .toList());
    }

    final void forget(Result result) {
        result.files()
                .values()
                .forEach(
                        id -> assertThat(service.api().delete("/v1/files/" + id).status())
                                .isEqualTo(204));
    }

    /** How many operations have ended, in whichever way. */
    private long completed() {
        return COMPLETED
                .matcher(service.api().get("/metrics").body())
                .results()
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
    }
}
