package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.ATTEMPT;
import static dev.codeinterpreter.hostile.Hostile.exits;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.Hostile.timesOut;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static dev.codeinterpreter.hostile.RunMode.PYTHON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.util.stream.Stream;

/** Programs that use too much: processors, memory, processes. A row more here is a case more. */
final class HostileLoads {
    private HostileLoads() {}

    static Stream<Hostile> all() {
        return Stream.of(cpu(), memory(), processes()).flatMap(rows -> rows);
    }

    private static Stream<Hostile> cpu() {
        return Stream.of(
                timesOut("C-01 endless loop", 1000, "while True: pass").streamed(),
                timesOut("C-02 thirty-two of them", 1500, """
                        import os
                        for _ in range(5): os.fork()
                        while True: pass
                        """),
                timesOut("C-03 one endless operation", 1000, "n = 9**9**9"),
                timesOut("C-04 regular expression", 1000, "import re; re.match('(a+)+$', 'a' * 40 + 'b')"),
                timesOut("C-05 endless sleep", 500, "import time; time.sleep(1e9)"),
                program(
                                "C-06 all of the CPU time",
                                Program.of("while True: pass").timeoutMs(20_000),
                                result -> {
                                    assertThat(result.termination()).isEqualTo("cpu");
                                    assertThat(result.exited(152)).isTrue();
                                })
                        .streamed(),
                prints(
                        "C-08 priorities",
                        ATTEMPT + """
                        attempt('nice', os.nice, -20)
                        attempt('fifo', os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(50))
                        attempt('priority', os.setpriority, os.PRIO_PROCESS, 0, -20)
                        attempt('of the runner', os.setpriority, os.PRIO_PROCESS, 1, 19)
                        """,
                        "nice EPERM\nfifo EPERM\npriority EACCES\nof the runner EPERM\n"),
                sourceBomb("C-09 parentheses", "(".repeat(100_000) + ")".repeat(100_000)),
                sourceBomb("C-09 signs", "-".repeat(1_000_000) + "1"),
                sourceBomb("C-09 one long sum", "1+".repeat(1_000_000) + "1"),
                sourceBomb("C-09 lists", "[".repeat(50_000)),
                program(
                        "C-10 recursion without a limit",
                        "import sys; sys.setrecursionlimit(10**9); f = lambda: f(); f()",
                        result -> assertThat(result.termination()).isIn("exited", "signaled", "oom", "cpu")),
                program(
                                "C-11 a millisecond",
                                Program.of("while True: pass").timeoutMs(1),
                                result -> assertThat(result.timedOut()).isTrue())
                        .not(PYTHON)
                        .streamed());
    }

    /** CPython may refuse it or break over it; the service must not. */
    private static Hostile sourceBomb(String name, String code) {
        return program(
                name,
                code,
                result -> assertThat(result.timedOut() || !result.exited(0) || code.contains("+"))
                        .isTrue());
    }

    private static Stream<Hostile> memory() {
        return Stream.of(
                program("M-01 a terabyte", "bytearray(10**12)", result -> {
                    assertThat(result.exited(1)).isTrue();
                    assertThat(result.stderr()).endsWith("MemoryError\n");
                }),
                program("M-02 more and more", "b = []\nwhile True: b.append(bytearray(1 << 20))", result -> {
                            assertThat(result.termination()).isEqualTo("oom");
                            assertThat(result.exited(137)).isTrue();
                        })
                        .streamed(),
                program("M-04 a full workspace", """
                        n = 0
                        try:
                            while True:
                                open(f'{n:03}', 'wb').write(bytes(1 << 20)); n += 1
                        except OSError as error:
                            print(error.errno, n)
                        """, result -> {
                            assertThat(result.stdout()).matches("28 3[12]\n");
                            assertThat(result.files()).hasSizeBetween(31, 33);
                        })
                        // Where the node gives no size to a file system of memory, the pod's memory is the limit.
                        .inPods(result -> {
                            assertThat(result.stdout() + result.termination()).matches("oom|28 3[12]\nexited");
                            assertThat(result.files()).hasSizeBetween(31, 33);
                        })
                        .not(BASH),
                prints("M-05 shared memory", """
                        try:
                            f = open('/dev/shm/x', 'wb', 0)
                            while f.write(bytes(1 << 20)): pass
                        except OSError as error:
                            print(error.errno)
                        """, "28\n")
                        // As for D-01.
                        .printsInPods("2[78]\n"),
                program(
                                "M-05 memory files",
                                """
                        import os
                        fds = []
                        while True:
                            fds.append(os.memfd_create('x'))
                            for _ in range(16): os.write(fds[-1], bytes(1 << 20))
                        """,
                                result -> assertThat(result.termination()).isEqualTo("oom"))
                        // What no process has mapped is no reason to choose it, see PodMemoryClusterIT.
                        .notInPodsAs(BASH),
                program(
                        "M-06 sixteen terabytes of nothing",
                        "import mmap\nm = mmap.mmap(-1, 1 << 44)",
                        result -> assertThat(result.timedOut()).isFalse()),
                program(
                        "M-07 full pipes and sockets",
                        """
                        import os, socket
                        keep = []
                        try:
                            while True:
                                keep.append(os.pipe()); os.set_blocking(keep[-1][1], False)
                                os.write(keep[-1][1], bytes(65536))
                                a, b = socket.socketpair(); keep.append((a, b)); a.setblocking(False); a.send(bytes(65536))
                        except OSError as error:
                            print(error.errno)
                        """,
                        result -> assertThat(result.timedOut()).isFalse()),
                program("M-07 three hundred megabytes in sockets", """
                        import ctypes, os, socket, struct
                        libc = ctypes.CDLL(None)
                        keep, SO_MEMINFO = [], 55
                        def fill(s):
                            s.setblocking(False)
                            for n in 60000, 4096:
                                try:
                                    for _ in range(500): s.send(bytes(n))
                                except OSError: pass
                        def held(s):
                            received, _, _, _, _, sent, *_ = struct.unpack('9I', s.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))
                            return received + sent
                        def large(s):
                            keep.append(s)
                            for option in socket.SO_SNDBUF, socket.SO_RCVBUF: s.setsockopt(socket.SOL_SOCKET, option, 1 << 30)
                            return s
                        def tcp(family, host):
                            server = socket.create_server((host, 0), family=family)
                            client = large(socket.socket(family)); client.connect(server.getsockname())
                            fill(client); fill(large(server.accept()[0])); server.close()
                        def udp(family, host):
                            taker, giver = large(socket.socket(family, socket.SOCK_DGRAM)), socket.socket(family, socket.SOCK_DGRAM)
                            taker.bind((host, 0)); giver.connect(taker.getsockname()); fill(giver)
                        def again(family, host):
                            server = socket.create_server((host, 0), family=family)
                            for _ in range(100):
                                client.connect(server.getsockname()); keep.append(server.accept()[0]); fill(client)
                                client.setblocking(True); libc.connect(client.fileno(), bytes(28), 28)
                        for kind in tcp, again, udp:
                            for family, host in (socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1'):
                                before = sum(map(held, keep))
                                try:
                                    client = socket.socket(family); keep.append(client)
                                    while sum(map(held, keep)) - before < 50 << 20: kind(family, host)
                                except OSError: pass
                        print(sum(map(held, keep)) < 150 << 20)
                        """, result -> {
                    // Their buffers are the container's memory, of which it has 128 MB more, or bounded by the runner.
                    assertThat(result.stdout() + result.termination()).matches("oom|True\nexited");
                }),
                prints("M-08 a better place before the killer", ATTEMPT + """
                        print(open('/proc/self/oom_score_adj').read().strip())
                        attempt('own', lambda: open('/proc/self/oom_score_adj', 'w', 1).write('-1000\\n'))
                        attempt('the runner', lambda: open('/proc/1/oom_score_adj', 'w', 1).write('1000\\n'))
                        """, "1000\nown EACCES\nthe runner EACCES\n"),
                timesOut("M-09 children that use up all, again and again", 2500, """
                        import os
                        while True:
                            if not os.fork():
                                b = []
                                while True: b.append(bytearray(1 << 22))
                            os.wait()
                        """),
                program("T-22 files of a program that was killed", Program.of("""
                        open('early', 'w').write('kept')
                        b = []
                        while True: b.append(bytearray(1 << 20))
                        """), (result, api) -> {
                            assertThat(result.termination()).isEqualTo("oom");
                            assertThat(api.content(result.file("early"))).isEqualTo("kept");
                        })
                        .loud()
                        .streamed()
                        .not(BASH));
    }

    private static Stream<Hostile> processes() {
        return Stream.of(
                timesOut("P-01 fork bomb", 1500, """
                        import os
                        while True:
                            try: os.fork()
                            except OSError: pass
                        """).streamed(),
                program("P-02 threads", Program.of("""
                        import threading, time
                        for _ in range(10_000): threading.Thread(target=time.sleep, args=(99,)).start()
                        """).timeoutMs(2000), result -> {
                            assertThat(result.stderr()).contains("can't start new thread");
                            assertThat(result.timedOut()).isTrue();
                        })
                        .not(PYTHON),
                prints("P-03 a thousand orphans", """
                        import glob, os, time
                        for _ in range(1000):
                            child = os.fork()
                            if not child:
                                os.fork()
                                os._exit(0)
                            os.waitpid(child, 0)
                        def is_zombie(file):
                            try: return open(file).read().rpartition(')')[2].split()[0] == 'Z'
                            except OSError: return False
                        def zombies():
                            return sum(map(is_zombie, glob.glob('/proc/[0-9]*/stat')))
                        end = time.monotonic() + 3
                        while zombies() and time.monotonic() < end: pass
                        print(zombies())
                        """, "0\n"),
                exits("P-04 children that come back twice", 0, """
                        import os, signal
                        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                        if not os.fork():
                            while True:
                                try:
                                    if os.fork(): os._exit(0)
                                except OSError: pass
                        """),
                timesOut("P-06 spawn storm", 1500, """
                        import os
                        while True: os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)
                        """),
                exits("B-01 a child that stays", 0, "import subprocess; p = subprocess.Popen(['sleep', '999'])"),
                exits("B-02 a daemon", 0, """
                        import os, time
                        if not os.fork():
                            os.setsid()
                            if not os.fork():
                                os.closerange(0, 64); os.chdir('/')
                                time.sleep(999)
                            os._exit(0)
                        """),
                exits("B-03 a child that nothing can end", 0, """
                        import os, signal, time
                        ready, told = os.pipe()
                        if not os.fork():
                            for number in signal.valid_signals() - {9, 19}: signal.signal(number, signal.SIG_IGN)
                            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                            os.write(told, b'x')
                            os.kill(os.getpid(), signal.SIGSTOP)
                            while True: time.sleep(9)
                        x = os.read(ready, 1)
                        """),
                program("B-08 what an interpreter waits for", """
                        import atexit, threading, time
                        atexit.register(print, 'at exit')
                        threading.Thread(target=lambda: (time.sleep(1), print('thread'))).start()
                        """, result -> {
                            assertThat(result.stdout()).isEqualTo("thread\nat exit\n");
                            assertThat(result.durationMs()).isGreaterThanOrEqualTo(1000);
                        })
                        .not(PYTHON),
                timesOut(
                        "B-09 another program in its place", 700, "import os; os.execv('/bin/sleep', ['sleep', '60'])"),
                exits("B-10 interrupted", 130, "raise KeyboardInterrupt"),
                program("B-11 everybody but itself", """
                        import os, time
                        if not os.fork(): time.sleep(60)
                        os.kill(-1, 9)
                        print('alive')
                        """, result -> {
                            assertThat(result.stdout()).isEqualTo("alive\n");
                            assertThat(result.exited(0)).isTrue();
                        })
                        // The runner is not process 1 there, which is what no signal reaches.
                        .failsInPods("PermissionError")
                        // In a session this is refused: it would reach what serves other commands.
                        .not(PYTHON, BASH));
    }
}
