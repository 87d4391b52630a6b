package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.exits;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.Hostile.timesOut;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The list, by what is attacked. It is written for the limits of {@link HostileProgramsIT}: a workspace of 32 MB, 16 MB of
 * /tmp, 4 s of CPU time, 50 output files.
 */
final class HostilePrograms {
    /** {@code attempt(name, call)} prints the name and how the call was refused. */
    private static final String ATTEMPT = """
            import ctypes, errno, os, signal, socket, sys
            def attempt(name, call, *arguments):
                try:
                    call(*arguments)
                    print(name, 'DONE')
                except OSError as error:
                    print(name, errno.errorcode.get(error.errno, error.errno))
            """;

    private HostilePrograms() {}

    static Stream<Hostile> cpu() {
        return Stream.of(
                timesOut("C-01 endless loop", 1000, "while True: pass"),
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
                        }),
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
                        Program.of("print(1)").timeoutMs(1),
                        result -> assertThat(result.timedOut()).isTrue()));
    }

    /** CPython may refuse it or break over it; the service must not. */
    private static Hostile sourceBomb(String name, String code) {
        return program(
                name,
                code,
                result -> assertThat(result.timedOut() || !result.exited(0) || code.contains("+"))
                        .isTrue());
    }

    static Stream<Hostile> memory() {
        return Stream.of(
                program("M-01 a terabyte", "bytearray(10**12)", result -> {
                    assertThat(result.exited(1)).isTrue();
                    assertThat(result.stderr()).endsWith("MemoryError\n");
                }),
                program("M-02 more and more", "b = []\nwhile True: b.append(bytearray(1 << 20))", result -> {
                    assertThat(result.termination()).isEqualTo("oom");
                    assertThat(result.exited(137)).isTrue();
                }),
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
                }),
                prints("M-05 shared memory", """
                        try:
                            f = open('/dev/shm/x', 'wb', 0)
                            while f.write(bytes(1 << 20)): pass
                        except OSError as error:
                            print(error.errno)
                        """, "28\n"),
                program(
                        "M-05 memory files",
                        """
                        import os
                        fds = []
                        while True:
                            fds.append(os.memfd_create('x'))
                            for _ in range(16): os.write(fds[-1], bytes(1 << 20))
                        """,
                        result -> assertThat(result.termination()).isEqualTo("oom")),
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
                new Hostile("T-22 files of a program that was killed", Program.of("""
                        open('early', 'w').write('kept')
                        b = []
                        while True: b.append(bytearray(1 << 20))
                        """), (result, api) -> {
                    assertThat(result.termination()).isEqualTo("oom");
                    assertThat(api.content(result.file("early"))).isEqualTo("kept");
                }));
    }

    static Stream<Hostile> processes() {
        return Stream.of(
                timesOut("P-01 fork bomb", 1500, """
                        import os
                        while True:
                            try: os.fork()
                            except OSError: pass
                        """),
                program("P-02 threads", Program.of("""
                        import threading, time
                        for _ in range(10_000): threading.Thread(target=time.sleep, args=(99,)).start()
                        """).timeoutMs(2000), result -> {
                    assertThat(result.stderr()).contains("can't start new thread");
                    assertThat(result.timedOut()).isTrue();
                }),
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
                }),
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
                }));
    }

    static Stream<Hostile> disk() {
        return Stream.of(
                prints("D-01 full disks", """
                        import os
                        for name in '/workspace/x', '/tmp/x':
                            try:
                                with open(name, 'wb', 0) as f:
                                    while f.write(bytes(1 << 16)): pass
                            except OSError as error:
                                print(error.errno, os.path.getsize(name) >> 20 in (15, 16, 31, 32))
                            os.remove(name)
                        """, "28 True\n28 True\n"),
                program("D-02 empty files", """
                        n = 0
                        try:
                            while True:
                                open(str(n), 'w').close(); n += 1
                        except OSError as error:
                            print(error.errno)
                        """, result -> {
                    assertThat(result.stdout()).isEqualTo("28\n");
                    assertThat(result.files()).hasSize(50);
                    assertThat(result.skipped()).containsValue("file_limit");
                }),
                prints("D-03 everything that takes a file", """
                        import os
                        writable = []
                        for line in open('/proc/self/mounts'):
                            place = line.split()[1]
                            try:
                                open(place + '/x', 'w').close(); writable.append(place)
                            except OSError: pass
                        for place in '/', '/usr', '/etc', '/var/tmp', '/home', '/run', '/opt', '/usr/lib/python3/dist-packages', '/root', '/dev', '/proc':
                            if os.access(place, os.W_OK): writable.append(place)
                        os.remove('/workspace/x')
                        print(sorted(writable))
                        """, "['/dev/shm', '/tmp', '/workspace']\n"),
                prints("D-04 a terabyte at once", ATTEMPT + """
                        f = os.open('/tmp/x', os.O_RDWR | os.O_CREAT)
                        attempt('fallocate', os.posix_fallocate, f, 0, 1 << 40)
                        attempt('truncate', os.ftruncate, f, 1 << 40)
                        """, "fallocate EFBIG\ntruncate EFBIG\n"),
                program(
                        "D-07 other ways to the host's disk",
                        ATTEMPT + """
                        for name in '/proc/1/fd/1', '/proc/1/fd/2', '/dev/console', '/dev/kmsg', '/dev/tty', '/proc/sysrq-trigger', '/dev/mem', '/dev/sda':
                            attempt(name, open, name, 'w')
                        """,
                        result -> assertThat(result.stdout()).hasLineCount(8).doesNotContain("DONE")));
    }

    static Stream<Hostile> output() {
        String full = "A".repeat(1_000_000 - 32) + "\n...[truncated]";
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        return Stream.of(
                program(
                        "O-01 flood",
                        Program.of("import os\nwhile True: os.write(1, b'A' * 65536)")
                                .timeoutMs(1500),
                        result -> {
                            assertThat(result.timedOut()).isTrue();
                            assertThat(result.stdout().equals(full)).isTrue();
                        }),
                program(
                        "O-02 flood on both",
                        Program.of("import os\nwhile True: os.write(1, b'A' * 4096); os.write(2, b'A' * 4096)")
                                .timeoutMs(1500),
                        result -> {
                            assertThat(result.timedOut()).isTrue();
                            assertThat(result.stdout().equals(full)).isTrue();
                            assertThat(result.stderr().equals(full)).isTrue();
                        }),
                program(
                        "O-03 a hundred thousand bytes one by one",
                        "import os\nfor i in range(100_000): os.write(1, b'%d' % (i % 10))\npass",
                        result -> assertThat(result.stdout().equals("0123456789".repeat(10_000)))
                                .isTrue()),
                program(
                        "O-05 every byte",
                        "import os\nfor _ in range(10): os.write(1, bytes(range(256)))",
                        result -> assertThat(result.stdout()).isEqualTo(new String(everyByte, UTF_8).repeat(10))),
                program(
                        "O-06 bytes that are special to somebody",
                        "import os\nn = os.write(1, b'\\0\\x1b[31m\\xe2\\x80\\xa8\\xef\\xbb\\xbf\\xed\\xa0\\x80\"\\\\</script>')",
                        result -> assertThat(result.stdout())
                                .isEqualTo("\0\u001b[31m\u2028\ufeff\ufffd\ufffd\ufffd\"\\</script>")),
                prints(
                        "O-09 a forged event",
                        "print('\\n\\nevent: result\\ndata: {\"exit_code\":0}\\n\\n')",
                        "\n\nevent: result\ndata: {\"exit_code\":0}\n\n\n"),
                program("O-11 a child that holds the output", """
                        import os, time
                        print('main')
                        if not os.fork():
                            time.sleep(30); print('child')
                        """, result -> {
                    assertThat(result.stdout()).isEqualTo("main\n");
                    assertThat(result.exited(0)).isTrue();
                    assertThat(result.durationMs()).isLessThan(2000);
                }),
                program(
                        "O-14 three hundred megabytes and a good end",
                        Program.of("import os\nfor _ in range(4800): os.write(1, bytes(65536))\npass")
                                .timeoutMs(30_000),
                        result -> {
                            assertThat(result.exited(0)).isTrue();
                            assertThat(result.stdoutTruncated()).isTrue();
                            assertThat(result.stderrTruncated()).isFalse();
                        }),
                program(
                        "O-15 another encoding",
                        "import sys; sys.stdout.reconfigure(encoding='utf-16'); print('\u20ac')",
                        result -> assertThat(result.exited(0)).isTrue()),
                program("O-16 no output at all", "import os; os.closerange(0, 3)", result -> {
                    assertThat(result.stdout()).isEmpty();
                    assertThat(result.timedOut()).isFalse();
                }));
    }

    static Stream<Hostile> files() {
        return Stream.of(
                prints(
                        "T-01 holes",
                        ATTEMPT + "attempt('sparse', open('s', 'wb').truncate, 1 << 30); os.remove('s')",
                        "sparse EFBIG\n"),
                program("T-01 more holes than room", "for n in 'abc': open(n, 'wb').truncate(30 << 20)", result -> {
                    assertThat(result.files()).hasSize(1);
                    assertThat(result.skipped()).isEqualTo(Map.of("b", "total_size", "c", "total_size"));
                }),
                program("T-02 too many", "for n in range(1000): open(str(n), 'w').close()", result -> {
                    assertThat(result.files()).hasSize(50);
                    assertThat(result.skipped()).containsValue("file_limit");
                }),
                program("T-03 too deep", """
                        import os
                        for _ in range(1500):
                            os.mkdir('d'); os.chdir('d')
                        open('leaf', 'w').close()
                        open('/workspace/beside', 'w').close()
                        """, result -> {
                    assertThat(result.files().keySet()).containsExactly("beside");
                    assertThat(result.skipped()).containsValue("depth");
                }),
                program("T-04 links to everywhere", """
                        import os
                        for n, target in enumerate(('/etc/passwd', '/proc/1/environ', '/proc/self/root', 'nowhere', '6', '/', '6')):
                            os.symlink(target, str(n))
                        for n in range(10, 60): os.symlink(str(n - 1), str(n))
                        """, result -> {
                    assertThat(result.files()).isEmpty();
                    assertThat(result.skipped()).hasSize(57).containsValue("symlink");
                    assertThat(result.skipped().values()).containsOnly("symlink");
                }),
                program("T-07 pipes and sockets", """
                        import os, socket
                        os.mkfifo('pipe')
                        for n in range(300): socket.socket(socket.AF_UNIX).bind(f'socket{n}')
                        open('file', 'w').close()
                        """, result -> {
                    assertThat(result.files().keySet()).containsExactly("file");
                    assertThat(result.skipped()).containsValue("special").hasSizeLessThanOrEqualTo(101);
                }),
                prints(
                        "T-09 devices",
                        ATTEMPT
                                + "import stat; attempt('device', os.mknod, 'n', stat.S_IFCHR | 0o666, os.makedev(1, 3))",
                        "device EPERM\n"),
                new Hostile("T-10 nothing may be read", Program.of("""
                        import os
                        os.mkdir('d'); open('d/inside', 'w').write('inside'); open('file', 'w').write('file')
                        os.chmod('d/inside', 0); os.chmod('d', 0); os.chmod('file', 0); os.chmod('/workspace', 0)
                        """), (result, api) -> {
                    assertThat(result.files().keySet()).containsExactly("d/inside", "file");
                    result.files()
                            .forEach((path, id) ->
                                    assertThat(api.content(id)).isEqualTo(path.substring(path.indexOf('/') + 1)));
                }),
                new Hostile("T-11 a writer that does not stop", Program.of("""
                        import os
                        ready, told = os.pipe()
                        if not os.fork():
                            n = 0
                            while True:
                                with open('new', 'wb') as f: f.write(b'a' * 100_000)
                                os.rename('new', 'file')
                                n += 1
                                if n == 10: os.write(told, b'x')
                        x = os.read(ready, 1)
                        """), (result, api) -> {
                    assertThat(result.exited(0)).isTrue();
                    assertThat(api.content(result.file("file")).equals("a".repeat(100_000)))
                            .isTrue();
                }),
                program("T-13 away with the workspace", ATTEMPT + """
                        open('in', 'w').close()
                        attempt('out', os.rename, '/workspace/in', '/tmp/in')
                        attempt('up', os.rename, '/workspace', '/tmp/workspace')
                        attempt('remove', os.rmdir, '/workspace')
                        libc = ctypes.CDLL(None, use_errno=True)
                        libc.umount2(b'/workspace', 2)
                        print(errno.errorcode[ctypes.get_errno()])
                        os.chdir('/')
                        """, result -> {
                    assertThat(result.stdout()).doesNotContain("DONE").endsWith("EPERM\n");
                    assertThat(result.files().keySet()).containsExactly("in");
                }),
                program(
                        "T-14 names that are options",
                        "for n in '--checkpoint=1', '--checkpoint-action=exec=sh x.sh', '-rf', '--to-command=id': open(n, 'w').close()",
                        result -> assertThat(result.files()).hasSize(4)),
                program("T-18 everything that a collector could import or run", """
                        import os
                        for n in 'ast', 'os', 'json', 'codecs', 'tarfile', 'stat', 'struct', 'select', 'sitecustomize', 'usercustomize', 'encodings', '_blake2':
                            for place in '/workspace', '/tmp':
                                open(f'{place}/{n}.py', 'w').write('import os; os._exit(99)')
                        os.makedirs('/tmp/.local/bin')
                        for n in 'python3', 'tar', 'sh', 'pgrep', 'id':
                            for place in '/workspace', '/tmp', '/tmp/.local/bin':
                                open(f'{place}/{n}', 'w').write('#!/bin/sh\\ntouch /workspace/executed'); os.chmod(f'{place}/{n}', 0o755)
                        for n in 'LD_PRELOAD', 'PYTHONPATH', 'PYTHONSTARTUP', 'GCONV_PATH': os.environ[n] = '/tmp'
                        """, result -> {
                    assertThat(result.exited(0)).isTrue();
                    assertThat(result.files()).hasSize(17).doesNotContainKey("executed");
                }),
                program(
                        "N-01 control characters in names",
                        "for n in 'a\\nb', 'a\\rb', '\\t', '\\x1b[31m', '\\x7f': open(n, 'w').close()",
                        result -> assertThat(result.files().keySet())
                                .containsExactlyInAnyOrder("a\nb", "a\rb", "\t", "\u001b[31m", "\u007f")),
                program(
                        "N-02 names that are not UTF-8",
                        "open(b'\\xff\\xfe', 'w').close(); open(b'\\xed\\xa0\\x80', 'w').close(); open('good', 'w').close()",
                        result -> {
                            assertThat(result.files().keySet()).containsExactly("good");
                            assertThat(result.skipped().values()).containsOnly("name_not_utf8");
                        }),
                program(
                        "N-03 long names",
                        """
                        import os
                        open('a' * 255, 'w').close()
                        os.makedirs('/'.join(['b' * 200] * 15)); open('/'.join(['b' * 200] * 15) + '/leaf', 'w').close()
                        """,
                        result -> assertThat(result.files()).hasSize(2)),
                program(
                        "S-13 its own source",
                        "import os; os.remove('__main__.py'); os.mkdir('__main__.py'); open('__main__.py/x', 'w').close(); print('on')",
                        result -> {
                            assertThat(result.stdout()).isEqualTo("on\n");
                            assertThat(result.exited(0)).isTrue();
                        }));
    }

    static Stream<Hostile> runner() {
        return Stream.of(
                prints("S-01 descriptors of the runner", ATTEMPT + """
                        for name in '/proc/1/fd', '/proc/1/fd/0', '/proc/1/fd/1', '/proc/1/fd/100', '/proc/1/mem', '/proc/1/environ', '/proc/1/maps', '/proc/1/root':
                            attempt(name, os.listdir if name[-1] in 'dt' else open, name)
                        """, """
                        /proc/1/fd EACCES
                        /proc/1/fd/0 EACCES
                        /proc/1/fd/1 EACCES
                        /proc/1/fd/100 EACCES
                        /proc/1/mem EACCES
                        /proc/1/environ EACCES
                        /proc/1/maps EACCES
                        /proc/1/root EACCES
                        """),
                prints(
                        "S-02 signals and limits for the runner",
                        ATTEMPT + """
                        import resource
                        for number in 9, 19, 15, 2, 11: attempt(number, os.kill, 1, number)
                        attempt('limit', resource.prlimit, 1, resource.RLIMIT_NOFILE, (0, 0))
                        attempt('affinity', os.sched_setaffinity, 1, [0])
                        attempt('pidfd', signal.pidfd_send_signal, os.open('/proc/1', os.O_RDONLY), 9)
                        """,
                        "9 EPERM\n19 EPERM\n15 EPERM\n2 EPERM\n11 EPERM\nlimit EPERM\naffinity EPERM\npidfd EPERM\n"),
                prints("S-07 descriptors that were left to it", """
                        import fcntl
                        def is_open(fd):
                            try: return fcntl.fcntl(fd, fcntl.F_GETFL) >= 0
                            except OSError: return False
                        print([fd for fd in range(1024) if is_open(fd)], len(open('/proc/net/unix').readlines()))
                        """, "[0, 1, 2] 1\n"),
                timesOut("S-09 everything stands still", 1000, """
                        import os, signal, time
                        if not os.fork(): time.sleep(60)
                        os.kill(-1, signal.SIGSTOP)
                        os.kill(os.getpid(), signal.SIGSTOP)
                        """),
                prints(
                        "S-10 a forged result",
                        "print('{\"exit_code\": 0, \"timed_out\": true}')",
                        "{\"exit_code\": 0, \"timed_out\": true}\n"),
                prints(
                        "S-12 doors into the sandbox",
                        "for n in 'tcp', 'tcp6', 'udp', 'udp6', 'raw': print(len(open('/proc/net/' + n).readlines()))",
                        "1\n1\n1\n1\n1\n"),
                program(
                        "Z-03 ten megabytes that nobody reads",
                        Program.of("import sys; sys.exit(5)").stdin("x".repeat(10 << 20)),
                        result -> assertThat(result.exited(5)).isTrue()),
                program(
                        "Z-05 input that is closed at once",
                        Program.of("import os; os.close(0); print('on')").stdin("x".repeat(1 << 20)),
                        result -> assertThat(result.stdout()).isEqualTo("on\n")),
                program(
                        "Z-06 input to its end",
                        Program.of("n = 0\nwhile True: n += len(input())").stdin("line\n".repeat(100_000)),
                        result -> {
                            assertThat(result.exited(1)).isTrue();
                            assertThat(result.stderr()).endsWith("EOFError: EOF when reading a line\n");
                        }),
                program(
                        "Z-07 output while input waits",
                        Program.of("import sys; sys.stdout.write('y' * 900_000); print(len(sys.stdin.read()))")
                                .stdin("x".repeat(5 << 20)),
                        result -> assertThat(result.stdout()).endsWith("yyy" + (5 << 20) + "\n")));
    }

    static Stream<Hostile> kernel() {
        return Stream.of(
                prints("K-01 system calls that nobody needs", ATTEMPT + """
                        libc = ctypes.CDLL(None, use_errno=True)
                        column = ['x86_64', 'aarch64'].index(os.uname().machine)
                        calls = dict(io_uring_setup=(425, 425), bpf=(321, 280), perf_event_open=(298, 241), userfaultfd=(323, 282),
                            keyctl=(250, 219), add_key=(248, 217), request_key=(249, 218), setns=(308, 268), mount=(165, 40),
                            umount2=(166, 39), pivot_root=(155, 41), fsopen=(430, 430), open_tree=(428, 428), move_mount=(429, 429),
                            mount_setattr=(442, 442), ptrace=(101, 117), process_vm_readv=(310, 270), process_vm_writev=(311, 271),
                            pidfd_getfd=(438, 438), kcmp=(312, 272), process_madvise=(440, 440), open_by_handle_at=(304, 265),
                            name_to_handle_at=(303, 264), kexec_load=(246, 104), init_module=(175, 105), delete_module=(176, 106),
                            reboot=(169, 142), swapon=(167, 224), acct=(163, 89), syslog=(103, 116), quotactl=(179, 60),
                            settimeofday=(164, 170), clock_settime=(227, 112), sethostname=(170, 161), mbind=(237, 235),
                            move_pages=(279, 239), chroot=(161, 51), fanotify_init=(300, 262))
                        for name, numbers in calls.items():
                            ctypes.set_errno(0)
                            if libc.syscall(numbers[column], 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                                print(name, ctypes.get_errno())
                        for name, number, flags in ('unshare user', (272, 97), 0x10000000), ('unshare mount', (272, 97), 0x20000), ('personality', (135, 92), 0x40000):
                            if libc.syscall(number[column], flags) != -1: print(name)
                        print('all refused')
                        """, "all refused\n"),
                prints("K-09 another user", ATTEMPT + """
                        attempt('setuid', os.setuid, 0); attempt('setgid', os.setgid, 0); attempt('setgroups', os.setgroups, [0])
                        """, "setuid EPERM\nsetgid EPERM\nsetgroups EPERM\n"),
                prints("K-09 programs of other users", """
                        import os, stat
                        found = []
                        for directory, _, names in os.walk('/'):
                            if directory.startswith(('/proc', '/sys')): continue
                            for name in names:
                                mode = os.lstat(os.path.join(directory, name)).st_mode
                                if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID): found.append(os.path.join(directory, name))
                        print(found)
                        """, "[]\n"),
                prints(
                        "K-11 rights",
                        """
                        for line in open('/proc/self/status'):
                            name, _, value = line.partition(':')
                            if name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'): print(name, int(value, 16))
                        """,
                        "CapInh 0\nCapPrm 0\nCapEff 0\nCapBnd 0\nCapAmb 0\nNoNewPrivs 1\nSeccomp 2\n"),
                prints("K-14 knobs of the kernel", """
                        import os
                        open_ones = []
                        for top in '/proc/sys', '/proc/1', '/sys', '/proc/irq', '/proc/bus', '/proc/fs':
                            for directory, _, names in os.walk(top):
                                for name in names:
                                    path = os.path.join(directory, name)
                                    try: os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), b'1'); open_ones.append(path)
                                    except OSError: pass
                        print(open_ones)
                        """, "[]\n"),
                prints("K-15 what the host is", """
                        import os
                        for name in '/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/cmdline', '/proc/version', '/proc/interrupts', '/proc/sched_debug':
                            try: assert not open(name).read(100), name
                            except OSError: pass
                        for name in '/sys/firmware', '/proc/acpi', '/proc/scsi', '/sys/block', '/sys/class', '/sys/devices/virtual/dmi':
                            try: assert not os.listdir(name), name
                            except OSError: pass
                        print('hidden')
                        """, "hidden\n"),
                prints("I-04 the machine's name and other processes", """
                        import os, socket
                        print(socket.gethostname(), sorted(n for n in os.listdir('/proc') if n.isdigit() and n != str(os.getpid())))
                        """, "sandbox ['1']\n"),
                prints("I-08 secrets of the service", """
                        import os
                        hits = []
                        secret = b'CANARY-' + b'SECRET'
                        for top in '/proc', '/etc', '/run', '/tmp', '/dev', '/var', '/root', '/home':
                            for directory, _, names in os.walk(top):
                                for name in names:
                                    path = os.path.join(directory, name)
                                    if directory.startswith('/proc/') and name not in ('environ', 'cmdline', 'mountinfo', 'maps'): continue
                                    try:
                                        f = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                                        if secret in os.read(f, 1 << 20): hits.append(path)
                                        os.close(f)
                                    except OSError: pass
                        print(hits)
                        """, "[]\n"));
    }

    static Stream<Hostile> network() {
        return Stream.of(
                prints("E-01 the outside", """
                        import socket, time
                        start = time.monotonic()
                        for address in '1.1.1.1', '172.17.0.1', '169.254.169.254', '169.254.170.2', '10.0.0.1', '192.168.0.1':
                            for kind, port in (socket.SOCK_STREAM, 443), (socket.SOCK_DGRAM, 53):
                                try:
                                    s = socket.socket(socket.AF_INET, kind); s.settimeout(2); s.connect((address, port)); s.send(b'x'); print(address)
                                except OSError as error: assert not isinstance(error, TimeoutError), address
                        for address in 'fd00:ec2::254', '2606:4700:4700::1111', 'fe80::1':
                            try: socket.create_connection((address, 80), 2); print(address)
                            except OSError as error: assert not isinstance(error, TimeoutError), address
                        print(time.monotonic() - start < 1)
                        """, "True\n"),
                prints("E-02 strange sockets", ATTEMPT + """
                        for name, family, kind, protocol in (('raw', 2, 3, 1), ('ping', 2, 2, 1), ('packet', 17, 3, 0), ('netlink', 16, 3, 0), ('vsock', 40, 1, 0),
                                ('alg', 38, 5, 0), ('xdp', 44, 3, 0), ('bluetooth', 31, 3, 0), ('sctp', 2, 1, 132), ('kcm', 41, 2, 0), ('tipc', 30, 2, 0)):
                            try: socket.socket(family, kind, protocol); print(name)
                            except OSError: pass
                        """, ""),
                prints("E-03 names", """
                        import socket, time
                        start = time.monotonic()
                        for name in 'example.com', 'metadata.google.internal', 'kubernetes.default.svc':
                            try: print(socket.getaddrinfo(name, 80))
                            except OSError: pass
                        print(time.monotonic() - start < 2)
                        """, "True\n"),
                prints("E-07 tokens and sockets of the host", """
                        import os
                        print([n for n in ('/var/run/secrets', '/var/run/docker.sock', '/run/docker.sock', '/run/containerd', '/run/dbus') if os.path.exists(n)])
                        """, "[]\n"),
                prints(
                        "E-13 interfaces",
                        "print([line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line])",
                        "['lo']\n"));
    }
}
