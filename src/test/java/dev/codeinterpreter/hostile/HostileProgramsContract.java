package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Guard;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every hostile program in one mode, as {@link HostileRunner} requires it. Those that use the machine up run one after
 * another, the others some at a time: the first of such a batch that is asked for has all of it run.
 */
@Tag("alone")
@Timeout(300)
@TestInstance(Lifecycle.PER_CLASS)
abstract class HostileProgramsContract {
    /** A launch takes half a second of a processor, and there are two. */
    private static final int BATCH = 8;

    private final RunMode mode;
    private final ServiceProcess service;
    private final HostileRunner runner;
    private final Map<String, AssertionError> failures = new HashMap<>();
    private List<Hostile> waiting = List.of();
    private @Nullable Footprint footprint;

    HostileProgramsContract(RunMode mode) {
        this.mode = mode;
        this.service = ServiceProcess.start(Map.of(
                "WORKSPACE_SIZE_LIMIT", "32Mi",
                "TMP_SIZE_LIMIT", "16Mi",
                "MEMORY_LIMIT_MB", "128",
                "CPU_TIME_LIMIT_SEC", "4",
                "MAX_OUTPUT_FILES", "50",
                "A_SECRET", "CANARY-SECRET"));
        this.runner = new HostileRunner(service, mode);
    }

    @BeforeAll
    void start() throws IOException {
        Guard.check(service, "hostile");
        footprint = Footprint.of(service);
        waiting = Stream.of(loads(), outputs(), files(), probes(), tricks(), results())
                .flatMap(rows -> rows)
                .filter(row -> !row.usesUpTheMachine())
                .collect(Collectors.toCollection(ArrayList::new));
        assertThat(waiting).extracting(Hostile::name).doesNotHaveDuplicates();
    }

    @AfterAll
    void stop() {
        service.close();
    }

    final ServiceProcess service() {
        return service;
    }

    final Footprint footprint() {
        return Objects.requireNonNull(footprint);
    }

    private Stream<Hostile> rows(Stream<Hostile> all) {
        return all.filter(row -> row.modes().contains(mode)).filter(this::isAsked);
    }

    /**
     * All under {@code dev/test --complete}; else in streams only what may come out otherwise there, and of what needs the
     * machine for itself no more in a session's interpreter than in its shells: the limits are the container's.
     */
    private boolean isAsked(Hostile row) {
        return Boolean.getBoolean("hostile.complete")
                || switch (mode) {
                    case STREAM -> row.streamDiffers();
                    case PYTHON -> !row.usesUpTheMachine();
                    default -> true;
                };
    }

    Stream<Hostile> loads() {
        return rows(HostileLoads.all());
    }

    Stream<Hostile> outputs() {
        return rows(HostileOutput.all());
    }

    Stream<Hostile> results() {
        return rows(HostileResults.all());
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

    /** A shell shows nothing. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("results")
    void showsNoMoreThanItMay(Hostile hostile) {
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
        if (hostile.usesUpTheMachine()) {
            runner.run(hostile, footprint());
            return;
        }
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).name().equals(hostile.name())) {
                List<Hostile> batch = waiting.subList(i, Math.min(i + BATCH, waiting.size()));
                failures.putAll(runner.runBatch(List.copyOf(batch), footprint()));
                batch.clear();
            }
        }
        if (failures.containsKey(hostile.name())) {
            throw failures.get(hostile.name());
        }
    }

    final void forget(Result result) {
        runner.forget(result);
    }
}
