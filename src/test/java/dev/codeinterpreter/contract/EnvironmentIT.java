package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.FaultProxy;
import dev.codeinterpreter.harness.OnlyOnDocker;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator sets: values with which the service does not start, and how it says so, and what others do. */
@Tag("complete")
@Timeout(60)
class EnvironmentIT {

    @Test
    void namesEveryBadVariableInALineOfItsOwn() {
        Map<String, String> bad = new TreeMap<>(Map.of(
                "MAX_EXEC_TIMEOUT_MS", "0",
                "MAX_OUTPUT_BYTES", "many",
                "CPU_TIME_LIMIT_SEC", "1.5",
                "MEMORY_LIMIT_MB", "15",
                "MAX_FILE_SIZE_MB", "0",
                "FILE_TTL_SEC", "0",
                "MAX_CONCURRENT_EXECUTIONS", "10001",
                "PIDS_LIMIT", "-1",
                "WORKSPACE_SIZE_LIMIT", "unlimited"));
        bad.putAll(Map.of(
                "EXECUTION_QUEUE_TIMEOUT_SEC", "soon",
                "EXECUTION_RETRY_AFTER_SEC", "-",
                "CAPACITY_RETRY_AFTER_SEC", "1.5",
                "HEALTH_CHECK_INTERVAL_SEC", "3601",
                "BACKEND_CHECK_TIMEOUT_SEC", "Infinity",
                "MAX_STAGED_FILES", "few",
                "MAX_STAGED_MB", "-1",
                "MAX_OUTPUT_FILES", "-1",
                "FILE_STORAGE_MAX_MB", "0",
                "TMP_SIZE_LIMIT", "1Q"));
        bad.putAll(Map.of(
                "CPU_LIMIT", "0",
                "SHUTDOWN_GRACE_SEC", "-1",
                "MAX_REQUEST_MB", "0",
                "PYTHON_EXECUTOR_DOCKER_IMAGE", "A b",
                "PYTHON_EXECUTOR_DOCKER_NETWORK", "host"));
        bad.put("EXECUTOR_BACKEND", "podman");
        bad.put("DOCKER_HOST", "ssh://somewhere");
        bad.put("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--privileged");
        bad.put("LOG_FORMAT", "xml");
        ServiceProcess.End end = ServiceProcess.startAndEnd(bad);
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);

        assertThat(lines(end).map(line -> line.replaceFirst("[ :].*", "")))
                .as(end.log())
                .containsExactlyInAnyOrderElementsOf(bad.keySet());
        assertThat(end.log()).contains("--privileged", "podman", "ssh://somewhere");
    }

    /** The store is opened when all settings are known to be good: another service may have it, or nobody yet. */
    @Test
    void touchesNoFileWithABadSetting(@TempDir Path directory) throws IOException {
        Path missing = directory.resolve("missing");
        ServiceProcess.End end = ServiceProcess.startAndEnd(
                Map.of("FILE_STORAGE_DIR", missing.toString(), "MAX_CONCURRENT_EXECUTIONS", "all"));
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);
        assertThat(missing).doesNotExist();
        Path file = Files.writeString(directory.resolve("file"), "");
        end = ServiceProcess.startAndEnd(
                Map.of("FILE_STORAGE_DIR", file.toString(), "MAX_CONCURRENT_EXECUTIONS", "all"));
        assertThat(lines(end)).singleElement().asString().startsWith("MAX_CONCURRENT_EXECUTIONS must be ");
    }

    @ParameterizedTest
    @CsvSource({
        "PORT,70000",
        "PORT,http",
        "PORT,-1",
        "LOG_FORMAT,xml",
        "MAX_EXEC_TIMEOUT_MS,1e3",
        "BACKEND_CHECK_TIMEOUT_SEC,NaN",
        "PYTHON_EXECUTOR_DOCKER_IMAGE,a b"
    })
    void refusesToStartWith(String variable, String value) {
        ServiceProcess.End end = ServiceProcess.startAndEnd(Map.of("EXECUTOR_BACKEND", "docker", variable, value));
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);
        assertThat(lines(end)).singleElement().asString().startsWith(variable + " must be ");
    }

    @Test
    void takesEmptyValuesForTheDefaults() {
        Map<String, String> empty = Map.of(
                Backend.current() == Backend.DOCKER ? "EXECUTOR_BACKEND" : "KUBERNETES_EXECUTOR_IMAGE",
                "",
                "LOG_LEVEL",
                "",
                "MAX_EXEC_TIMEOUT_MS",
                "",
                "MEMORY_LIMIT_MB",
                "",
                "PYTHON_EXECUTOR_DOCKER_IMAGE",
                "",
                "WORKSPACE_SIZE_LIMIT",
                "",
                "FILE_TTL_SEC",
                "");
        try (ServiceProcess service = ServiceProcess.start(empty)) {
            assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        }
    }

    @Test
    void understandsWordsInAnyCaseAndWarnsOfAnUnknownLogLevel() {
        String backend = Backend.current() == Backend.DOCKER ? "Docker" : "KubernetES";
        try (ServiceProcess service =
                ServiceProcess.start(Map.of("EXECUTOR_BACKEND", backend, "LOG_LEVEL", "chatty"))) {
            assertThat(service.api().get("/ready").status()).isEqualTo(200);
            assertThat(service.log()).contains("WARNING").contains("CHATTY");
        }
    }

    /** The image needs no tag, and a path to the engine's command line is no fault. */
    @Test
    @OnlyOnDocker("arguments of docker run")
    void passesOnWhatTheOperatorGivesToSandboxes() {
        Map<String, String> given = Map.of(
                "PYTHON_EXECUTOR_DOCKER_RUN_ARGS",
                "--env GREETING='hello, world' -e EMPTY= --label a=b --ulimit nofile=512:512 --add-host db:127.0.0.7 "
                        + "--hostname worker --shm-size 1m --volume /usr/lib:/data:ro --cpuset-cpus 0",
                "PYTHON_EXECUTOR_DOCKER_IMAGE",
                "code-interpreter-executor",
                "PYTHON_EXECUTOR_DOCKER_BIN",
                "/usr/bin/docker",
                "PRELOAD_MODULES",
                "sqlite3,calendar",
                "WARM_POOL_SIZE",
                "1");
        try (ServiceProcess service = ServiceProcess.start(given)) {
            service.awaitIdle(1);
            Result result = service.api().run("""
                    import os, resource, socket, sys
                    print(socket.gethostbyname('db'), open('/etc/hosts').read().split()[:2],
                          [line.strip() for line in open('/etc/resolv.conf') if line.startswith('nameserver')])
                    print(os.environ['GREETING'], repr(os.environ['EMPTY']))
                    print(resource.getrlimit(resource.RLIMIT_NOFILE), 'calendar' in sys.modules, 'turtle' in sys.modules)
                    shared = os.statvfs('/dev/shm')
                    print(socket.gethostname(), shared.f_blocks * shared.f_frsize, os.sched_getaffinity(0))
                    print(len(os.listdir('/data')) > 0, os.statvfs('/data').f_flag & os.ST_RDONLY)
                    """);
            assertThat(result.stdout()).as(result.toString()).isEqualTo("""
                    127.0.0.7 ['127.0.0.1', 'localhost'] ['nameserver 127.0.0.1']
                    hello, world ''
                    (512, 512) True False
                    worker 1048576 {0}
                    True 1
                    """);
        }
    }

    @Test
    void tellsClientsToComeBackWhenTheOperatorSays() {
        Map<String, String> given = new HashMap<>(Backend.current().nowhere());
        given.putAll(Map.of(
                "CAPACITY_RETRY_AFTER_SEC", "7", "LOG_FORMAT", "JSON", "PYTHON_EXECUTOR_DOCKER_NETWORK", "bridge"));
        try (ServiceProcess service = ServiceProcess.start(given)) {
            assertThat(service.api().execute(Program.of("1")).header("retry-after"))
                    .contains("7");
            assertThat(service.api().get("/health").json().getString("network_isolation"))
                    .isEqualTo(
                            Backend.current() == Backend.DOCKER
                                    ? "docker_network:bridge"
                                    : "syscall_filter+network_policy");
            assertThat(service.log().lines())
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(Answer.compact(line)).startsWith("{"));
        }
        Map<String, String> one = Map.of(
                "MAX_CONCURRENT_EXECUTIONS", "1",
                "EXECUTION_QUEUE_TIMEOUT_SEC", "0",
                "EXECUTION_RETRY_AFTER_SEC", "5");
        Program sleeper = Program.of("import os, time; os.write(1, b'1\\n'); time.sleep(50)")
                .timeoutMs(60_000);
        try (ServiceProcess service = ServiceProcess.start(one);
                EventReader running = service.api().stream(sleeper)) {
            assertThat(running.require().text()).isEqualTo("1\n");
            Answer refused = service.api().execute(Program.of("1"));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("retry-after")).contains("5");
        }
    }

    @Test
    @OnlyOnDocker("an engine behind a proxy")
    void looksForTheEngineAsOftenAsTheOperatorSays() throws IOException {
        try (FaultProxy engine = new FaultProxy(Path.of(DockerEngine.socket()));
                ServiceProcess service = ServiceProcess.start(
                        Map.of("DOCKER_HOST", engine.address(), "HEALTH_CHECK_INTERVAL_SEC", "0.2"))) {
            awaitHealth(service, "ok");
            engine.set(FaultProxy.Fault.of(FaultProxy.Kind.ANSWER, "/_ping", 500));
            awaitHealth(service, "error");
            engine.pass();
        }
    }

    @Test
    @OnlyOnDocker("an engine on a port")
    void usesAnEngineOnAPort() throws IOException {
        try (FaultProxy engine = FaultProxy.overTcp(Path.of(DockerEngine.socket()));
                ServiceProcess service = ServiceProcess.start(Map.of("DOCKER_HOST", engine.address()))) {
            assertThat(engine.address()).startsWith("tcp://127.0.0.1:");
            assertThat(service.api().run("print(6 * 7)").stdout()).isEqualTo("42\n");
        }
    }

    /** Soon, whatever the operator says of one that works. */
    @Test
    @OnlyOnDocker("a socket that may appear later")
    void looksForAnEngineThatFailsAgainSoon(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("docker.sock");
        Map<String, String> given =
                Map.of("DOCKER_HOST", "unix://" + socket, "HEALTH_CHECK_INTERVAL_SEC", "3600", "CPU_LIMIT", "0.5");
        try (ServiceProcess service = ServiceProcess.start(given)) {
            assertThat(health(service)).isEqualTo("error");
            Files.createSymbolicLink(socket, Path.of(DockerEngine.socket()));
            awaitHealth(service, "ok");
            assertThat(service.api().run("1").stdout()).isEqualTo("1\n");
            Files.delete(socket);
        }
    }

    private static void awaitHealth(ServiceProcess service, String status) {
        Await.until(
                "the health " + status,
                Duration.ofSeconds(10),
                () -> health(service).equals(status));
    }

    private static String health(ServiceProcess service) {
        return service.api().get("/health").json().getString("status");
    }

    /** What it said, but for the log of what went well before. */
    private static Stream<String> lines(ServiceProcess.End end) {
        return end.log().lines().filter(line -> !line.contains(" INFO "));
    }
}
