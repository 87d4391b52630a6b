package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs hostile programs on one service in one mode, and requires of each its own result and nothing else: it is over in
 * time, another client is served meanwhile and the next one afterwards, it is counted once, the engine is left empty, the
 * service is as it was, its log is silent and its store holds what the answer lists.
 *
 * <p>Several programs may run at once. Each is then judged by its own answer, and the service by what all of them left.
 */
final class HostileRunner {
    private static final Pattern COMPLETED =
            Pattern.compile("(?m)^code_interpreter_executions_completed_total\\{[^}]*} (\\d+)");

    /**
     * What came of some that ran at once.
     *
     * @param failures those with a wrong answer
     * @param late those that took longer than one may that has the machine for itself
     */
    private record Together(Map<String, AssertionError> failures, List<Hostile> late) {}

    private final ServiceProcess service;
    private final RunMode mode;

    HostileRunner(ServiceProcess service, RunMode mode) {
        this.service = service;
        this.mode = mode;
    }

    /**
     * @param before what the service held when it was idle
     * @throws AssertionError if the program or the service is not as it should be
     */
    void run(Hostile row, Footprint before) {
        Together alone = runTogether(List.of(row), before);
        if (alone.failures.containsKey(row.name())) {
            throw alone.failures.get(row.name());
        }
        assertThat(alone.late).as("those that are late").isEmpty();
    }

    /**
     * Runs all rows at once. A row whose answer is wrong fails. A row that was late runs once more, alone, and fails if it is
     * late again. Where the service is not as it was afterwards, the rows run one after another, each measured by what it
     * found, and those fail that change it; all of them if none does.
     *
     * @return the rows that failed, by name
     */
    Map<String, AssertionError> runBatch(List<Hostile> rows, Footprint before) {
        try {
            Together all = runTogether(rows, before);
            Map<String, AssertionError> failures = new TreeMap<>(all.failures);
            failures.putAll(runInTurn(all.late));
            return failures;
        } catch (AssertionError changed) {
            Map<String, AssertionError> failures = runInTurn(rows);
            if (failures.isEmpty()) {
                rows.forEach(row -> failures.put(row.name(), new AssertionError("only together: " + rows, changed)));
            }
            return failures;
        }
    }

    private Map<String, AssertionError> runInTurn(List<Hostile> rows) {
        Map<String, AssertionError> failures = new TreeMap<>();
        for (Hostile row : rows) {
            try {
                run(row, Footprint.of(service));
            } catch (AssertionError e) {
                failures.put(row.name(), e);
            }
        }
        return failures;
    }

    /** @throws AssertionError if the service is not as it was, unless an answer is wrong, which is the better message */
    private Together runTogether(List<Hostile> rows, Footprint before) {
        int logged = service.log().length();
        long counted = completed();
        Together together = new Together(new TreeMap<>(), new ArrayList<>());
        List<Result> results = new ArrayList<>();
        Canary canary = Canary.begin(service.api());
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Map<Hostile, Future<Timed>> running = new LinkedHashMap<>();
            rows.forEach(row -> running.put(row, clients.submit(() -> answerOf(row))));
            running.forEach((row, future) -> {
                try {
                    Timed timed = future.get();
                    results.add(timed.result);
                    if (timed.taken.compareTo(bound(row)) >= 0) {
                        together.late.add(row);
                    }
                } catch (ExecutionException e) {
                    together.failures.put(row.name(), new AssertionError(row.name(), e.getCause()));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while it ran: " + row, e);
                }
            });
        }
        if (!together.failures.isEmpty()) {
            canary.settle();
            // They have left their files, and are not to take the rows after them with them.
            contents().forEach(path -> service.api().delete("/v1/files/" + path.substring(0, path.indexOf('/'))));
            return together;
        }
        canary.requireAlive();
        try {
            assertThat(contents())
                    .containsExactlyInAnyOrderElementsOf(results.stream()
                            .flatMap(result -> result.files().values().stream())
                            .map(id -> id + "/content")
                            .toList());
        } finally {
            results.forEach(this::forget);
        }
        before.requireUnchanged();
        // Two for the canaries.
        assertThat(completed())
                .as("operations that were counted")
                .isEqualTo(counted + 2 + (long) mode.operations * rows.size());
        assertThat(service.log().substring(logged)).isEmpty();
        return together;
    }

    private record Timed(Result result, Duration taken) {}

    private Timed answerOf(Hostile row) {
        long start = System.nanoTime();
        Result result =
                mode.run(service.api(), row.program(), done -> row.check().verify(done, service.api()));
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        assertThat(result.json().toString())
                .doesNotContain(
                        "<runner>", "dev.codeinterpreter", service.storage().toString());
        return new Timed(result, taken);
    }

    private Duration bound(Hostile row) {
        return Duration.ofMillis(row.program().timeoutMs()).plus(mode.grace);
    }

    private Stream<String> contents() {
        return service.stored().keySet().stream().filter(path -> path.endsWith("/content"));
    }

    /** Deletes the files that it has left. */
    void forget(Result result) {
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
