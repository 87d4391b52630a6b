package dev.codeinterpreter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever ends — a client, a run, the service itself, in whichever way — nothing of it stays. */
@Tag("alone")
@Timeout(180)
class LifecycleIT {
    private static final Duration LAUNCH = Duration.ofSeconds(20);
    private static final Program SLEEPER =
            Program.of("import time; time.sleep(60)").timeoutMs(60_000);
    /** Raise it for a soak test. A pod takes ten times as long as a container. */
    private static final int RUNS = Integer.getInteger("lifecycle.runs", Backend.current() == Backend.DOCKER ? 60 : 12);

    private ServiceProcess service;

    @BeforeEach
    void start() {
        service = ServiceProcess.start(Map.of("SHUTDOWN_GRACE_SEC", "20"));
    }

    @AfterEach
    void stop() {
        service.close();
    }

    @Test
    void leavesNoSandboxWhenItIsKilled() throws IOException {
        try (Socket _ = service.api().begin(SLEEPER)) {
            Object _ = service.engine().awaitRunning(LAUNCH);
            service.kill();
            service.engine().awaitNoneAlive(Duration.ofSeconds(5));
        }
    }

    @Test
    void endsTheRunOfAClientThatGoesAway() throws IOException {
        try (Socket _ = service.api().begin(SLEEPER)) {
            Object _ = service.engine().awaitRunning(LAUNCH);
        }
        service.engine().awaitNone(Duration.ofSeconds(4));
        assertThat(service.log()).doesNotContain("\tat ");
    }

    @Test
    void endsTheRunOfAClientThatResetsItsConnection() throws IOException {
        try (Socket client = service.api().begin(SLEEPER)) {
            Object _ = service.engine().awaitRunning(LAUNCH);
            client.setSoLinger(true, 0);
        }
        service.engine().awaitNone(Duration.ofSeconds(4));
        assertThat(service.log()).doesNotContain("\tat ");
    }

    @Test
    void endsTheStreamOfAClientThatResetsItsConnection() throws IOException {
        String json = Program.of("import time\nwhile True: print('x', flush=True); time.sleep(0.01)")
                .timeoutMs(60_000)
                .toJson()
                .toString();
        try (Socket client = service.api().begin("/v1/execute/stream", json)) {
            Object _ = client.getInputStream().readNBytes(1000);
            client.setSoLinger(true, 0);
        }
        service.engine().awaitNone(Duration.ofSeconds(4));
        assertThat(service.log()).doesNotContain("\tat ");
    }

    @Test
    void keepsRunningForAClientThatReusesItsConnection() throws IOException {
        try (Socket client = service.api().begin(Program.of("print(1)"))) {
            assertThat(Api.answer(client)).contains("\"stdout\":\"1\\n\"");
            client.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(Api.answer(client)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void answersTheRunInFlightBeforeItStops() throws IOException {
        Program program = Program.of("import time; time.sleep(3); open('x', 'w').write('kept'); print('done')");
        try (Socket client = service.api().begin(program)) {
            Object _ = service.engine().awaitRunning(LAUNCH);
            service.beginStop();
            assertThat(Api.answer(client)).startsWith("HTTP/1.1 200 ").contains("\"stdout\":\"done\\n\"");
        }
        assertThat(service.awaitEnd(Duration.ofSeconds(40))).isZero();
        service.engine().awaitNone(Duration.ofSeconds(5));
        assertThat(service.log()).doesNotContain("\tat ");
        service = service.successor();
        assertThat(service.api().get("/v1/files").json().getJsonArray("files")).hasSize(1);
    }

    @Test
    void stopsAtOnceWhenThereIsNothingToDo() {
        long start = System.nanoTime();
        assertThat(service.stop()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(service.log()).doesNotContain("\tat ");
    }

    @Test
    void keepsStoredFilesOverARestartAndAKill() {
        String first = service.api().upload("first", "1");
        assertThat(service.stop()).isZero();
        service = service.successor();
        String second = service.api().upload("second", "2");
        service.kill();
        service = service.successor();
        assertThat(service.api().content(first) + service.api().content(second)).isEqualTo("12");
        assertThat(service.api()
                        .run(Program.of("open('in').read()").file("in", first))
                        .stdout())
                .isEqualTo("'1'\n");
    }

    @Test
    void forgetsAnUploadThatTheClientCutsOff() throws IOException {
        try (Socket client = beginUpload()) {
            awaitIncoming();
            client.setSoLinger(true, 0);
        }
        Await.until("an empty store", Duration.ofSeconds(10), () -> incoming() == 0);
        assertThat(service.api().get("/v1/files").body()).isEqualTo("{\"files\":[]}");
        assertThat(service.log()).doesNotContain("\tat ");
    }

    @Test
    void sweepsAnUploadThatAKillCutOff() throws IOException {
        try (Socket _ = beginUpload()) {
            awaitIncoming();
            service.kill();
        }
        assertThat(incoming()).isEqualTo(1);
        service = service.successor();
        assertThat(service.api().get("/v1/files").body()).isEqualTo("{\"files\":[]}");
        assertThat(incoming()).isZero();
    }

    @Test
    void leavesNothingBehindAfterManyRuns() {
        String input = service.api().upload("input", "x".repeat(100_000));
        Program program = Program.of("""
                import os, subprocess
                subprocess.Popen(['sleep', '60'])
                open('out', 'w').write(open('in').read())
                print(os.getuid())
                """).file("in", input).interactive(false);
        for (int i = 0; i < 10; i++) {
            forget(service.api().run(program));
        }
        service.engine().awaitNone(LAUNCH);
        long descriptors = service.openDescriptors();
        long threads = service.threads();
        long mounts = engineMounts();
        Set<String> uids = new HashSet<>();
        for (int i = 0; i < RUNS; i++) {
            Result result = service.api().run(program);
            assertThat(uids.add(result.stdout().strip())).as("a uid of its own").isTrue();
            forget(result);
        }
        service.engine().awaitNone(Duration.ofSeconds(4));
        Duration bound = Duration.ofSeconds(20);
        Await.until("as few descriptors as before", bound, () -> service.openDescriptors() <= descriptors + 3);
        Await.until("as few threads as before", bound, () -> service.threads() <= threads + 3);
        Await.until("no process of a sandbox", bound, () -> processesOf(uids) == 0);
        Await.until("as few mounts as before", bound, () -> engineMounts() <= mounts);
        assertThat(service.stored().keySet())
                .filteredOn(path -> path.endsWith("/content"))
                .containsExactly(input + "/content");
    }

    private void forget(Result result) {
        Answer deleted = service.api().delete("/v1/files/" + result.file("out"));
        assertThat(deleted.status()).isEqualTo(204);
    }

    /** The first half of an upload. */
    private Socket beginUpload() throws IOException {
        Socket client = service.api().connect();
        OutputStream out = client.getOutputStream();
        out.write("""
                POST /v1/files HTTP/1.1
                Host: localhost
                Content-Type: multipart/form-data; boundary=b
                Content-Length: 2000000

                --b
                Content-Disposition: form-data; name="file"; filename="half"

                """.replace("\n", "\r\n").getBytes(UTF_8));
        out.write(new byte[1_000_000]);
        return client;
    }

    private void awaitIncoming() {
        Await.until("an upload on its way", LAUNCH, () -> incoming() == 1);
    }

    private long incoming() {
        return service.stored().entrySet().stream()
                .filter(file -> file.getKey().startsWith("incoming/") && file.getValue() > 0)
                .count();
    }

    /** Of the engine on this machine; another engine's do not show. */
    private static long engineMounts() {
        try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return mounts.filter(line -> line.contains("/docker/")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long processesOf(Set<String> uids) {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.filter(entry -> entry.getFileName().toString().matches("\\d+"))
                    .filter(process -> uids.contains(uid(process)))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not the owner of the directory: that is root where a process is not dumpable. */
    private static String uid(Path process) {
        try (Stream<String> lines = Files.lines(process.resolve("status"))) {
            return lines.filter(line -> line.startsWith("Uid:"))
                    .map(line -> line.split("\\s+", 3)[1])
                    .findFirst()
                    .orElse("");
        } catch (IOException | UncheckedIOException e) {
            return ""; // It has ended.
        }
    }
}
