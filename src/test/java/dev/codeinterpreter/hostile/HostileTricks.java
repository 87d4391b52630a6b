package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.ATTEMPT;
import static dev.codeinterpreter.hostile.Hostile.exits;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.Hostile.timesOut;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static dev.codeinterpreter.hostile.RunMode.PYTHON;
import static dev.codeinterpreter.hostile.RunMode.STREAM;
import static dev.codeinterpreter.hostile.RunMode.SYNC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.util.stream.Stream;

/** Programs that end in strange ways, loosen what binds them, or use what they have left against what comes after. */
final class HostileTricks {
    /** A pod has a network, which is why no program in one may make a socket for it. */
    private static final String NO_INTERNET_SOCKET = "Address family not supported by protocol";

    private HostileTricks() {}

    static Stream<Hostile> all() {
        return Stream.of(ends(), limits(), remains(), senses()).flatMap(rows -> rows);
    }

    private static Stream<Hostile> ends() {
        return Stream.of(
                exits("B-10 aborted", 134, "import os; os.abort()"),
                exits("B-10 the last status", 255, "import os; os._exit(255)"),
                exits("B-10 a status too large", 0, "import os; os._exit(256)"),
                exits("B-10 a negative status", 255, "import sys; sys.exit(-1)"),
                program("B-10 a message", "import sys; sys.exit('so it ends')", result -> {
                    assertThat(result.exited(1)).isTrue();
                    assertThat(result.stderr()).isEqualTo("so it ends\n");
                }),
                program("B-10 a segmentation fault", "import ctypes; ctypes.string_at(0)", result -> {
                            assertThat(result.exited(139)).isTrue();
                            assertThat(result.termination()).isEqualTo("signaled");
                        })
                        .streamed(),
                program(
                        "B-10 killed by itself, which is no lack of memory",
                        "import os; os.kill(os.getpid(), 9)",
                        result -> {
                            assertThat(result.exited(137)).isTrue();
                            assertThat(result.termination()).isEqualTo("signaled");
                        }),
                program(
                        "B-12 an exception that cannot be shown",
                        """
                        class E(Exception):
                            def __str__(self): raise SystemExit(7)
                        raise E
                        """,
                        result -> assertThat(result.timedOut()).isFalse()),
                program(
                                "B-13 an exit hook that raises and one that never ends",
                                Program.of("""
                        import atexit, time
                        atexit.register(lambda: time.sleep(99))
                        atexit.register(lambda: 1 / 0)
                        """).timeoutMs(1500),
                                result -> assertThat(result.timedOut()).isTrue())
                        .not(PYTHON),
                program(
                                "B-14 without its builtins",
                                """
                        import builtins, sys
                        sys.stdout.write('x\\n')
                        for name in list(vars(builtins)): delattr(builtins, name)
                        """,
                                result -> assertThat(result.stdout()).startsWith("x\n"))
                        .not(PYTHON),
                program(
                        "B-15 with everything of its modules broken",
                        """
                        import os, sys
                        print('x')
                        for module in list(sys.modules.values()):
                            for name in list(vars(module)):
                                if module is not sys and not name.startswith('__'): vars(module)[name] = None
                        """,
                        result -> assertThat(result.stdout()).startsWith("x\n")),
                prints("B-16 deaf to everything", """
                        import signal
                        for number in signal.valid_signals() - {9, 19}: signal.signal(number, signal.SIG_IGN)
                        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                        print('deaf')
                        """, "deaf\n"),
                timesOut("B-16 deaf and endless", 1000, """
                        import signal, time
                        for number in signal.valid_signals() - {9, 19}: signal.signal(number, signal.SIG_IGN)
                        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
                        while True:
                            try: time.sleep(9)
                            except BaseException: pass
                        """),
                timesOut("B-17 stopped by itself", 1000, "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"));
    }

    private static Stream<Hostile> limits() {
        return Stream.of(
                prints("C-13 higher limits", ATTEMPT + """
                        import resource
                        for name in 'CPU', 'NOFILE', 'FSIZE', 'CORE', 'MEMLOCK', 'STACK', 'MSGQUEUE', 'SIGPENDING', 'RTPRIO', 'NICE':
                            number = getattr(resource, 'RLIMIT_' + name)
                            hard = resource.getrlimit(number)[1]
                            if hard == resource.RLIM_INFINITY: continue
                            try: resource.setrlimit(number, (hard + 1, hard + 1)); print(name)
                            except (ValueError, OSError): pass
                        print('none')
                        """, "none\n"),
                program(
                        "C-14 limits so low that nothing goes",
                        """
                        import resource
                        for number in resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_STACK:
                            resource.setrlimit(number, (0, 0))
                        """,
                        result -> assertThat(result.timedOut()).isFalse()),
                program(
                        "C-15 CPU time in many children, each below its limit",
                        Program.of("""
                        import os, time
                        for _ in range(8):
                            if not os.fork():
                                while True: pass
                        time.sleep(2)
                        """).timeoutMs(4000),
                        result -> {
                            assertThat(result.exited(0)).isTrue();
                            // One processor, however many children: the quota, with what the kernel lends for a period.
                            assertThat(result.json().getJsonObject("usage").getInt("cpu_ms"))
                                    .isLessThan(4000);
                        }),
                program("M-10 all descriptors", """
                        import os
                        keep = []
                        try:
                            while True: keep.append(os.open('/dev/null', os.O_RDONLY))
                        except OSError as error: print(error.errno)
                        """, result -> {
                    assertThat(result.stdout()).isEqualTo("24\n");
                    assertThat(result.exited(0)).isTrue();
                }),
                timesOut("P-07 threads that each start two", 1500, """
                        import threading
                        def grow():
                            while True:
                                try: threading.Thread(target=grow, daemon=True).start()
                                except RuntimeError: pass
                        grow()
                        """),
                program(
                        "P-08 a hundred children that write at once",
                        """
                        import os
                        children = []
                        for _ in range(40):
                            child = os.fork()
                            if not child:
                                for _ in range(200): os.write(1, b'0123456789' * 10)
                                os._exit(0)
                            children.append(child)
                        for child in children: os.waitpid(child, 0)
                        """,
                        result -> assertThat(result.stdout()).hasSize(800_000)),
                program(
                                "D-08 names without files",
                                """
                        import os
                        os.mkdir('d')
                        n = 0
                        try:
                            open('f', 'w').close()
                            while True: os.link('f', f'd/{n}'); n += 1
                        except OSError as error: print(error.errno in (28, 31))
                        """,
                                result -> assertThat(result.stdout()).isEqualTo("True\n"))
                        // Nothing limits names there but the memory and, whichever is over first, the time for making
                        // them.
                        .inPods(result -> {
                            assertThat(result.timedOut()
                                            || result.exited(137)
                                            || result.exited(152)
                                            || result.stdout().equals("True\n"))
                                    .isTrue();
                            assertThat(result.files()).hasSizeLessThanOrEqualTo(50);
                        }),
                program(
                        "T-09 a device that is none, which the kernel lets everybody make",
                        ATTEMPT + "attempt('whiteout', os.mknod, 'x', 0o020000, 0)",
                        result -> assertThat(result.files()).isEmpty()),
                prints(
                        "D-09 links and files from elsewhere",
                        ATTEMPT + """
                        attempt('hard link', os.link, '/etc/passwd', 'x')
                        attempt('rename', os.rename, '/etc/passwd', 'x')
                        attempt('remove', os.remove, '/usr/bin/python3')
                        """,
                        "hard link EXDEV\nrename EXDEV\nremove EROFS\n"));
    }

    private static Stream<Hostile> remains() {
        return Stream.of(
                program("O-04 five megabytes in one line, and a status", Program.of("""
                        import sys
                        sys.stdout.write('y' * 5_000_000); sys.exit(3)
                        """), result -> {
                    assertThat(result.exited(3)).isTrue();
                    assertThat(result.stdoutTruncated()).isTrue();
                }),
                prints("O-12 descriptors that are not its own", """
                        import os
                        found = []
                        for fd in range(3, 64):
                            try: os.write(fd, b'x'); found.append(fd)
                            except OSError: pass
                        print(found)
                        """, "[]\n"),
                prints("O-17 half a character at the end, and a reader that is closed", """
                        import os, sys
                        os.write(2, b'\\xe2\\x82')
                        print('whole')
                        """, "whole\n"),
                program(
                        "O-18 written by nobody that still lives",
                        """
                        import os, time
                        if not os.fork():
                            os.write(1, b'child\\n'); os._exit(0)
                        os.wait(); print('parent')
                        """,
                        result -> assertThat(result.stdout()).isEqualTo("child\nparent\n")),
                program("T-05 a directory that is a link", """
                        import os
                        os.symlink('/', 'root'); os.symlink('.', 'here'); os.mkdir('d'); os.symlink('../d', 'd/d')
                        """, result -> {
                            assertThat(result.files()).isEmpty();
                            assertThat(result.skipped()).containsOnlyKeys("root", "here", "d/d");
                        })
                        .not(BASH),
                program(
                                "T-21 names that somebody could take for others",
                                """
                        import os
                        for name in '.env', '..x', '...', 'pkg/__main__.py', 'sub/.hidden', '~root', '$(id)', '*', '%2e%2e', 'C:\\\\x', ' ', 'a b':
                            os.makedirs(os.path.dirname(name) or '.', exist_ok=True); open(name, 'w').close()
                        """,
                                result -> assertThat(result.files().keySet())
                                        .containsExactlyInAnyOrder(
                                                ".env",
                                                "..x",
                                                "...",
                                                "pkg/__main__.py",
                                                "sub/.hidden",
                                                "~root",
                                                "$(id)",
                                                "*",
                                                "%2e%2e",
                                                "C:\\x",
                                                " ",
                                                "a b"))
                        .not(BASH),
                program(
                                "T-22 files of a program whose time is up",
                                Program.of("""
                        import time
                        open('early', 'w').write('kept'); time.sleep(99)
                        """).timeoutMs(700),
                                (result, api) -> {
                                    assertThat(result.timedOut()).isTrue();
                                    assertThat(api.content(result.file("early")))
                                            .isEqualTo("kept");
                                })
                        .streamed()
                        .not(BASH),
                program(
                                "T-23 the workspace emptied and left",
                                """
                        import os, shutil
                        for name in os.listdir('/workspace'):
                            path = os.path.join('/workspace', name)
                            shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
                        os.chdir('/tmp'); os.chmod('/workspace', 0o000)
                        """,
                                result -> assertThat(result.exited(0)).isTrue())
                        // The directory itself is the node's there.
                        .failsInPods("PermissionError"),
                program("T-24 a file that shrinks and grows while it is collected", Program.of("""
                        import os
                        if not os.fork():
                            while True:
                                with open('f', 'wb') as f: f.write(b'z' * 3_000_000)
                                os.truncate('f', 1)
                        import time; time.sleep(0.2)
                        """), (result, api) -> {
                            for (String id : result.files().values()) {
                                assertThat(api.content(id)).matches("z*");
                            }
                        })
                        .only(SYNC, STREAM),
                prints(
                                "Z-04 input to the byte",
                                "import sys; print(ascii(sys.stdin.buffer.read()))",
                                "b'a\\x00b\\r\\n\\xe2\\x82\\xac'\n")
                        .with(program -> program.stdin("a\0b\r\n\u20ac"))
                        .not(BASH));
    }

    private static Stream<Hostile> senses() {
        return Stream.of(
                prints("S-03 what the runner was told", """
                        words = open('/proc/1/cmdline', 'rb').read()
                        print(b'CANARY' in words, b'token' in words)
                        for name in 'environ', 'auxv', 'stack', 'syscall', 'wchan':
                            try: assert name == 'wchan' or not open('/proc/1/' + name, 'rb').read(64), name
                            except OSError: pass
                        """, "False False\n"),
                program(
                        "S-08 helpers of its own for the next program",
                        """
                        import os, time
                        for place in '/workspace', '/tmp', '/dev/shm':
                            for name in 'sh', 'bash', 'tar', 'python3', 'pgrep', 'ps', 'kill', 'cat', 'id':
                                path = os.path.join(place, name)
                                open(path, 'w').write('#!/bin/sh\\necho > /tmp/executed'); os.chmod(path, 0o755)
                        time.sleep(0.5)
                        print(os.path.exists('/tmp/executed'))
                        """,
                        result -> assertThat(result.stdout()).isEqualTo("False\n")),
                prints("K-06 its own children, debugged", ATTEMPT + """
                        libc = ctypes.CDLL(None, use_errno=True)
                        child = os.fork()
                        if not child: signal.pause()
                        for request in 16, 0x4206: print(libc.ptrace(request, child, 0, 0), errno.errorcode[ctypes.get_errno()])
                        os.kill(child, 9); ended = os.wait()
                        """, "-1 EPERM\n-1 EPERM\n"),
                program(
                        "K-10 calls by another door of the kernel",
                        """
                        import ctypes, mmap, os, signal
                        if os.uname().machine != 'x86_64': print('none', 'none'); raise SystemExit
                        def x32(): return libc.syscall(0x40000000 | 39) == os.getpid()
                        def i386():
                            code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
                            code.write(bytes.fromhex('b814000000cd80c3'))  # mov eax, 20 (getpid); int 0x80; ret
                            return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() == os.getpid()
                        libc = ctypes.CDLL(None, use_errno=True)
                        said = []
                        for call in x32, i386:  # which may end the caller
                            child = os.fork()
                            if not child: os._exit(0 if call() else 1)
                            said.append('refused' if os.waitpid(child, 0)[1] else 'done')
                        print(*said)
                        """,
                        result -> assertThat(result.stdout()).isIn("refused refused\n", "none none\n")),
                prints("K-16 namespaces of others", ATTEMPT + """
                        refused = 0
                        for name in os.listdir('/proc/self/ns'):
                            try: os.setns(os.open('/proc/self/ns/' + name, os.O_RDONLY), 0); print(name)
                            except OSError: refused += 1
                        print(refused > 5)
                        """, "True\n"),
                prints("E-06 a cluster's tokens, services and names", """
                        import os
                        print([n for n in os.environ if 'KUBERNETES' in n or 'SERVICE' in n or 'TOKEN' in n or 'PROXY' in n.upper()])
                        print(os.path.exists('/var/run/secrets/kubernetes.io/serviceaccount/token'))
                        """, "[]\nFalse\n"),
                prints("E-11 a server that waits for anybody", """
                        import socket, threading
                        server = socket.create_server(('0.0.0.0', 8080)); server.settimeout(1)
                        try: server.accept(); print('somebody came')
                        except TimeoutError: print('nobody came')
                        server.close()
                        """, "nobody came\n")
                        .failsInPods(NO_INTERNET_SOCKET),
                prints("E-12 a server and a client in one program", """
                        import http.server, threading, urllib.request
                        class H(http.server.BaseHTTPRequestHandler):
                            def do_GET(self): self.send_response(200); self.end_headers(); self.wfile.write(b'here')
                            def log_message(self, *a): pass
                        server = http.server.HTTPServer(('127.0.0.1', 0), H)
                        threading.Thread(target=server.serve_forever, daemon=True).start()
                        print(urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/').read())
                        server.shutdown(); server.server_close()
                        """, "b'here'\n")
                        .failsInPods(NO_INTERNET_SOCKET),
                prints("I-05 the clock, which it cannot set", ATTEMPT + """
                        import datetime, locale, time
                        attempt('set', time.clock_settime, time.CLOCK_REALTIME, 0.0)
                        print(time.tzname[0], locale.getpreferredencoding(), sys.getfilesystemencoding(), time.time() > 1.7e9)
                        """, "set EPERM\nUTC UTF-8 utf-8 True\n"));
    }
}
