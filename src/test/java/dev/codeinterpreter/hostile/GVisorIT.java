package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.PrivateEngine;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The same service on sandboxes with a kernel of their own: an engine of the test's own that knows gVisor's runsc, which
 * {@code --runtime} then asks for. It is slow here, so times are generous.
 */
@Timeout(180)
class GVisorIT {
    private static final Path RUNSC = Path.of("/usr/bin/runsc");
    private static final int TIMEOUT_MS = 30_000;

    private static PrivateEngine engine;
    private static Path directory;
    private static ServiceProcess service;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        obstacle().ifPresent(why -> Assumptions.abort("skipped: " + why));
        directory = Files.createTempDirectory("gvisor-it-");
        // ptrace needs neither a virtual machine nor a new kernel.
        Path configuration = Files.writeString(directory.resolve("daemon.json"), """
                {"runtimes": {"runsc": {"path": "%s", "runtimeArgs": ["--platform=ptrace", "--ignore-cgroups"]}}}
                """.formatted(RUNSC));
        engine = PrivateEngine.start("code-interpreter-executor:latest", "--config-file=" + configuration);
        service = ServiceProcess.start(
                Map.of("DOCKER_HOST", engine.address(), "PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--runtime=runsc"));
    }

    @AfterAll
    static void stop() throws IOException {
        if (engine != null) {
            try (PrivateEngine _ = engine) {
                if (service != null) {
                    service.close();
                }
            }
            Files.deleteIfExists(directory.resolve("daemon.json"));
            Files.delete(directory);
        }
    }

    private static Optional<String> obstacle() throws IOException, InterruptedException {
        Optional<String> none = PrivateEngine.obstacle();
        if (none.isPresent()) {
            return none;
        }
        if (!Files.isExecutable(RUNSC)) {
            return Optional.of("there is no gVisor here (Debian's package runsc)");
        }
        Process process = new ProcessBuilder(RUNSC.toString(), "--network=none", "--platform=ptrace", "do", "/bin/true")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0
                ? Optional.empty()
                : Optional.of("runsc does not run on this machine");
    }

    @Test
    void runsProgramsUnderItsKernel() {
        Result result = run("import os, platform; print(os.uname().release, os.getuid() > 999)");
        String release = System.getProperty("os.version");
        assertThat(result.exited(0)).as(result.toString()).isTrue();
        assertThat(result.stdout()).endsWith(" True\n").doesNotContain(release);
        System.out.printf(
                "proved with runsc, whose kernel says it is %s, on a host with %s%n",
                result.stdout().substring(0, result.stdout().indexOf(' ')), release);
    }

    @Test
    void givesFilesBack() {
        Result result = run("open('out', 'w').write('kept'); import sys; sys.exit(3)");
        assertThat(result.exited(3)).as(result.toString()).isTrue();
        assertThat(service.api().content(result.file("out"))).isEqualTo("kept");
    }

    @Test
    void endsWhatDoesNotEnd() {
        Stream.of("while True: pass", "import os\nwhile True:\n try: os.fork()\n except OSError: pass")
                .forEach(code -> {
                    Result result = service.api().run(Program.of(code).timeoutMs(3000));
                    assertThat(result.timedOut()).as(result.toString()).isTrue();
                });
        assertThat(run("print(1 + 1)").stdout()).isEqualTo("2\n");
    }

    @Test
    void letsNobodyOut() {
        Result result = run("""
                import os, socket
                for address in '1.1.1.1', '172.17.0.1', '169.254.169.254':
                    try: socket.create_connection((address, 80), 2); print(address)
                    except OSError: pass
                for name in '/proc/1/mem', '/proc/1/environ', '/etc/shadow':
                    try: open(name, 'rb').read(1); print(name)
                    except OSError: pass
                for call in lambda: os.kill(1, 9), lambda: os.setuid(0), lambda: open('/usr/x', 'w'):
                    try: call(); print('done')
                    except OSError: pass
                """);
        assertThat(result.stdout()).isEmpty();
        assertThat(result.exited(0)).as(result.toString()).isTrue();
    }

    @Test
    void leavesNothing() {
        assertThat(run("print(1)").stdout()).isEqualTo("1\n");
        service.engineAt(engine.address()).awaitNone(Duration.ofSeconds(20));
    }

    private static Result run(String code) {
        return service.api().run(Program.of(code).timeoutMs(TIMEOUT_MS));
    }
}
