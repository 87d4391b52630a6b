package dev.codeinterpreter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a scraper and a cluster's probes see. */
@Timeout(90)
class MetricsIT {
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\",?");

    @Test
    void countWhatHappened() {
        try (ServiceProcess service = ServiceProcess.start(
                Map.of("MAX_CONCURRENT_EXECUTIONS", "1", "EXECUTION_QUEUE_TIMEOUT_SEC", "3", "WARM_POOL_SIZE", "1"))) {
            Api api = service.api();
            service.awaitIdle(1);
            String input = api.upload("input", "x".repeat(1000));
            assertThat(api.run(Program.of("open('out', 'w').write('y' * 300)").file("in", input))
                            .exited(0))
                    .isTrue();
            service.awaitIdle(1);
            assertThat(api.run("1 / 0").exitCode()).hasValue(1);
            assertThat(api.run(Program.of("while True: pass").timeoutMs(100)).timedOut())
                    .isTrue();
            try (Session session = Session.begin(api)) {
                assertThat(session.bash("true").exited(0)).isTrue();
                assertThat(session.python("1").exited(0)).isTrue();
                try (EventReader events = api.stream(Program.of("import os, time; os.write(1, b'1\\n'); time.sleep(8)")
                        .timeoutMs(20_000))) {
                    assertThat(events.require().text()).isEqualTo("1\n");
                    assertThat(metrics(api)).containsEntry("executions_active{operation=execute_stream}", 1.0);
                    assertThat(session.tryBash("true", 1000).status()).isEqualTo(429);
                    assertThat(events.readAll().result().exited(0)).isTrue();
                }
            }
            // A second registry of the framework's warns of the meters of the first, and each may wait for the other
            // for ever.
            assertThat(service.log()).doesNotContain("MMeterRegistry");
            Map<String, Double> metrics = metrics(api);
            assertThat(metrics)
                    .containsEntry("executions_limit", 1.0)
                    .containsEntry("executions_active{operation=execute}", 0.0)
                    .containsEntry("executions_active{operation=execute_stream}", 0.0)
                    .containsEntry("executions_completed_total{operation=execute,outcome=ok}", 2.0)
                    .containsEntry("executions_completed_total{operation=execute,outcome=timed_out}", 1.0)
                    .containsEntry("program_terminations_total{operation=execute,termination=exited}", 1.0)
                    .containsEntry("program_terminations_total{operation=execute,termination=nonzero}", 1.0)
                    .containsEntry("program_terminations_total{operation=execute,termination=timeout}", 1.0)
                    .containsEntry("program_terminations_total{operation=session_bash,termination=exited}", 1.0)
                    .containsEntry("executions_completed_total{operation=execute_stream,outcome=ok}", 1.0)
                    .containsEntry("executions_completed_total{operation=session_create,outcome=ok}", 1.0)
                    .containsEntry("executions_completed_total{operation=session_bash,outcome=ok}", 1.0)
                    .containsEntry("executions_completed_total{operation=session_python,outcome=ok}", 1.0)
                    .containsEntry(
                            "executions_rejected_total{operation=session_bash,reason=concurrency_limit,status=429}",
                            1.0)
                    .containsEntry("execution_duration_seconds_count{operation=execute}", 3.0)
                    .containsEntry("execution_duration_seconds_bucket{le=+Inf,operation=execute}", 3.0)
                    .containsEntry("admission_wait_seconds_count{operation=execute}", 3.0)
                    .containsEntry("sandbox_pool_size{state=target}", 1.0)
                    .containsEntry("staged_bytes_total", 1000.0)
                    .containsEntry("returned_bytes_total", 300.0)
                    .containsEntry("files_stored", 2.0)
                    .containsEntry("store_bytes", 1300.0)
                    .containsKeys(
                            "execution_duration_seconds_bucket{le=0.005,operation=execute}",
                            "execution_duration_seconds_bucket{le=300.0,operation=execute}",
                            "sandbox_launch_seconds_count{launch_type=warm}",
                            "sandboxes_claimed_total{launch_type=preloaded}");
            assertThat(metrics.keySet()).as("quantiles").noneMatch(name -> name.contains("quantile"));
        }
    }

    @Test
    void tellProbesOfTheServiceAndOfItsEngine() {
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            assertThat(metrics(service.api()))
                    .as("before anything has happened")
                    .containsAllEntriesOf(Stream.of(
                                    "executions_active{operation=session_python}",
                                    "executions_completed_total{operation=execute,outcome=ok}",
                                    "executions_completed_total{operation=session_bash,outcome=cancelled}",
                                    "program_terminations_total{operation=execute_stream,termination=oom}",
                                    "executions_rejected_total{operation=execute,reason=concurrency_limit,status=429}",
                                    "executions_rejected_total{operation=execute,reason=unschedulable,status=503}",
                                    "execution_duration_seconds_count{operation=execute}",
                                    "execution_duration_seconds_bucket{le=0.005,operation=execute}",
                                    "admission_wait_seconds_count{operation=session_create}",
                                    "sandbox_launch_seconds_count{launch_type=cold}",
                                    "sandbox_launches_failed_total{launch_type=warm}",
                                    "sandbox_preloads_failed_total",
                                    "sandboxes_claimed_total{launch_type=bare}",
                                    "sandboxes_reaped_total{reason=age}",
                                    "connections_refused_total{reason=limit}",
                                    "staged_bytes_total",
                                    "returned_bytes_total",
                                    "files_stored")
                            .collect(Collectors.toMap(name -> name, name -> 0.0)));
            for (String path : new String[] {"/health/live", "/health/ready", "/health/started"}) {
                Answer answer = service.api().get(path);
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                assertThat(answer.json().getString("status")).isEqualTo("UP");
                assertThat(answer.json().getJsonArray("checks")).hasSize(1);
            }
            assertThat(service.api().get("/health/nothing").body())
                    .isEqualTo("{\"detail\":\"Not Found\",\"code\":\"not_found\"}");
        }
        try (ServiceProcess lost = ServiceProcess.start(Backend.current().nowhere())) {
            assertThat(lost.api().get("/health/live").status()).isEqualTo(200);
            assertThat(lost.api().get("/health/started").status()).isEqualTo(200);
            Answer ready = lost.api().get("/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.body()).contains("does not answer");
        }
    }

    /** Ours, by name and labels in order, without the prefix that all have and the label that all have. */
    private static Map<String, Double> metrics(Api api) {
        Answer answer = api.get("/metrics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type").orElseThrow()).startsWith("text/plain");
        Map<String, Double> metrics = new HashMap<>();
        for (String line : answer.body().lines().toList()) {
            if (!line.startsWith("code_interpreter_")) {
                continue;
            }
            int space = line.lastIndexOf(' ');
            String name = line.substring("code_interpreter_".length(), space);
            int brace = name.indexOf('{');
            Map<String, String> labels = new TreeMap<>();
            Matcher matcher = LABEL.matcher(name.substring(brace));
            while (matcher.find()) {
                labels.put(matcher.group(1), matcher.group(2));
            }
            labels.remove("mp_scope");
            String suffix = labels.isEmpty() ? "" : labels.toString().replace(", ", ",");
            metrics.put(name.substring(0, brace) + suffix, Double.parseDouble(line.substring(space)));
        }
        return metrics;
    }
}
