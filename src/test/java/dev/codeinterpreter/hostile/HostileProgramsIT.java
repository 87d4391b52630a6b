package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs as requests of their own, and what only several at once can do to each other. */
@Timeout(300)
class HostileProgramsIT extends HostileProgramsContract {
    HostileProgramsIT() {
        super(RunMode.SYNC);
    }

    @Override
    @Tag("quick")
    @ParameterizedTest
    @MethodSource("probes")
    void findsNoWayOut(Hostile hostile) {
        super.findsNoWayOut(hostile);
    }

    @Test
    void answersEverybodyWhenManySpinAtOnce() throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Result>> spinners = Collections.nCopies(
                    12, () -> service().api().run(Program.of("while True: pass").timeoutMs(1000)));
            for (Future<Result> spinner : clients.invokeAll(spinners)) {
                assertThat(spinner.get().timedOut()).isTrue();
            }
        }
        footprint().requireUnchanged();
    }

    /** Kernel quotas are per uid: a hostile program must not use up those of its neighbours. */
    @Tag("quick")
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
        try (Socket _ = service().api().begin(Program.of(takeAll).timeoutMs(60_000))) {
            Object _ = service().engine().awaitRunning(Duration.ofSeconds(10));
            for (int i = 0; i < 3; i++) {
                assertThat(service().api().run(take).stdout()).isEqualTo("True 65536\n");
            }
        }
        footprint().requireUnchanged();
    }

    @Tag("quick")
    @Test
    void reachesNoListenerOfTheHost() throws IOException {
        try (ServerSocket listener = new ServerSocket(0)) {
            List<String> addresses = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(address -> address.getHostAddress().split("%", 2)[0])
                    .toList();
            Result result = service().api().run("""
                    import socket
                    for address in '%s'.split():
                        for port in %d, %d:
                            try: socket.create_connection((address, port), 2); print(address)
                            except OSError as error: assert not isinstance(error, TimeoutError), address
                    """.formatted(
                            String.join(" ", addresses),
                            listener.getLocalPort(),
                            service().api().port()));
            assertThat(result.stdout()).isEmpty();
            assertThat(result.exited(0)).as(result.toString()).isTrue();
            listener.setSoTimeout(1);
            assertThatThrownBy(listener::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Tag("quick")
    @Test
    void findsNothingOfTheProgramBefore() {
        String places = "('/tmp', '/workspace', '/dev/shm', '/dev/mqueue', '/var/tmp', '/run/lock')";
        Result left = service().api().run("""
                import subprocess
                for place in %s:
                    try: open(place + '/left', 'w').close()
                    except OSError: pass
                p = subprocess.Popen(['sleep', '60'])
                """.formatted(places));
        assertThat(left.files().keySet()).containsExactly("left");
        Result found = service().api().run("""
                import os
                def line(pid): return open(f'/proc/{pid}/cmdline').read()
                processes = [p for p in os.listdir('/proc') if p.isdigit()]
                print([place for place in %s if os.path.exists(place + '/left')], len(processes), [p for p in processes if line(p) != line(1)])
                """.formatted(places));
        // The runner, the program and what shares its memory, and in a pod process 1, which is none of these.
        String expected =
                Backend.current() == Backend.KUBERNETES ? "\\[] 4 \\['\\d+', '\\d+', '\\d+'\\]\n" : "\\[] 3 \\[\\]\n";
        assertThat(found.stdout()).matches(expected);
        forget(left);
    }
}
