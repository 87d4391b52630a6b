package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Guard;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every program of {@link HostilePrograms} gets its own result and nothing else: it is over in time, the next client is
 * served, the engine is left empty and the store holds what the answer lists.
 */
@Timeout(60)
class HostileProgramsIT {
    /** After its time, for the answer to arrive: launching, collecting, and a busy machine. */
    private static final Duration GRACE = Duration.ofSeconds(6);

    /** A JVM with a heap of 96 MB, its code and its buffers. */
    private static final long MOST_RESIDENT = 420L << 20;

    /** Connections that the service and its clients keep for the next time: four for each that ran at once. */
    private static final int POOLED = 4 * 12;

    private static final Duration CLEANING = Duration.ofSeconds(4);

    private static ServiceProcess service;
    private static long descriptors;

    @BeforeAll
    static void start() throws IOException {
        service = ServiceProcess.start(Map.of(
                "WORKSPACE_SIZE_LIMIT", "32Mi",
                "TMP_SIZE_LIMIT", "16Mi",
                "MEMORY_LIMIT_MB", "128",
                "CPU_TIME_LIMIT_SEC", "4",
                "MAX_OUTPUT_FILES", "50",
                "A_SECRET", "CANARY-SECRET"));
        Guard.check(service, "hostile");
        descriptors = service.openDescriptors();
    }

    @AfterAll
    static void stop() {
        try (ServiceProcess used = service) {
            assertThat(used.residentBytes()).isLessThan(MOST_RESIDENT);
            Await.until("as few descriptors as before", CLEANING, () -> used.openDescriptors() <= descriptors + POOLED);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#cpu")
    void usesNoMoreThanItsCpu(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#memory")
    void usesNoMoreThanItsMemory(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#processes")
    void leavesNoProcess(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#disk")
    void usesNoMoreThanItsDisk(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#output")
    void saysNoMoreThanItMay(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#files")
    void leavesOnlyPlainFiles(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#runner")
    void doesNotReachTheRunner(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#kernel")
    void findsTheKernelClosed(Hostile hostile) {
        assertContained(hostile);
    }

    @ParameterizedTest
    @MethodSource("dev.codeinterpreter.hostile.HostilePrograms#network")
    void reachesNobody(Hostile hostile) {
        assertContained(hostile);
    }

    @Test
    void answersEverybodyWhenManySpinAtOnce() throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Result>> spinners = Collections.nCopies(
                    12, () -> service.api().run(Program.of("while True: pass").timeoutMs(1000)));
            for (Future<Result> spinner : clients.invokeAll(spinners)) {
                assertThat(spinner.get().timedOut()).isTrue();
            }
        }
        assertUnharmed();
    }

    /** Kernel quotas are per uid: a hostile program must not use up those of its neighbours. */
    @Test
    void leavesItsNeighboursTheirShare() throws IOException {
        String takeAll = """
                import ctypes, os, time
                libc = ctypes.CDLL(None)
                while libc.inotify_init() >= 0: pass
                pipes = []
                try:
                    while True: pipes.append(os.pipe())
                except OSError: pass
                open('/dev/shm/ready', 'w').close()
                time.sleep(60)
                """;
        String take =
                "import ctypes, fcntl, os\nprint(ctypes.CDLL(None).inotify_init() >= 0, fcntl.fcntl(os.pipe()[0], 1032))";
        try (Socket _ = service.api().begin(Program.of(takeAll).timeoutMs(60_000))) {
            Object _ = service.engine().awaitRunning(Duration.ofSeconds(10));
            for (int i = 0; i < 3; i++) {
                assertThat(service.api().run(take).stdout()).isEqualTo("True 65536\n");
            }
        }
        assertUnharmed();
    }

    @Test
    void reachesNoListenerOfTheHost() throws IOException {
        try (ServerSocket listener = new ServerSocket(0)) {
            List<String> addresses = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(address -> address.getHostAddress().split("%", 2)[0])
                    .toList();
            Result result = service.api().run("""
                    import socket
                    for address in '%s'.split():
                        for port in %d, %d:
                            try: socket.create_connection((address, port), 2); print(address)
                            except OSError as error: assert not isinstance(error, TimeoutError), address
                    """.formatted(
                            String.join(" ", addresses),
                            listener.getLocalPort(),
                            service.api().port()));
            assertThat(result.stdout()).isEmpty();
            assertThat(result.exited(0)).as(result.toString()).isTrue();
            listener.setSoTimeout(1);
            assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void findsNothingOfTheProgramBefore() {
        String places = "('/tmp', '/workspace', '/dev/shm', '/dev/mqueue', '/var/tmp', '/run/lock')";
        Result left = service.api().run("""
                import subprocess
                for place in %s:
                    try: open(place + '/left', 'w').close()
                    except OSError: pass
                p = subprocess.Popen(['sleep', '60'])
                """.formatted(places));
        assertThat(left.files().keySet()).containsExactly("left");
        Result found = service.api().run("""
                import os, pathlib
                print([place for place in %s if os.path.exists(place + '/left')], [p for p in os.listdir('/proc') if p.isdigit() and p not in ('1', str(os.getpid()))])
                """.formatted(places));
        assertThat(found.stdout()).isEqualTo("[] []\n");
        forget(left);
    }

    private static void assertContained(Hostile hostile) {
        int logged = service.log().length();
        long start = System.nanoTime();
        Answer answer = service.api().execute(hostile.program());
        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        Result result = answer.result();
        try {
            hostile.check().verify(result, service.api());
        } catch (AssertionError e) {
            throw new AssertionError("result: " + result, e);
        } finally {
            assertStoreHolds(result);
            forget(result);
        }
        assertThat(taken)
                .isLessThan(Duration.ofMillis(hostile.program().timeoutMs()).plus(GRACE));
        assertThat(answer.body())
                .doesNotContain(
                        "<runner>", "dev.codeinterpreter", service.storage().toString());
        assertUnharmed();
        assertThat(service.log().substring(logged))
                .doesNotContain("\tat ", "Exception")
                .hasSizeLessThan(4096);
    }

    private static void assertStoreHolds(Result result) {
        assertThat(service.stored().keySet().stream().filter(path -> path.endsWith("/content")))
                .containsExactlyInAnyOrderElementsOf(result.files().values().stream()
                        .map(id -> id + "/content")
                        .toList());
    }

    private static void forget(Result result) {
        result.files()
                .values()
                .forEach(
                        id -> assertThat(service.api().delete("/v1/files/" + id).status())
                                .isEqualTo(204));
    }

    private static void assertUnharmed() {
        assertThat(service.api().run("print(1 + 1)").stdout()).isEqualTo("2\n");
        service.engine().awaitNone(CLEANING);
    }
}
