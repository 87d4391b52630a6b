package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.ATTEMPT;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static dev.codeinterpreter.hostile.RunMode.PYTHON;
import static dev.codeinterpreter.hostile.RunMode.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs that write too much, or what somebody might take for something else: to disks and to their output. */
final class HostileOutput {
    private HostileOutput() {}

    static Stream<Hostile> all() {
        return Stream.of(disk(), output()).flatMap(rows -> rows);
    }

    private static Stream<Hostile> disk() {
        return Stream.of(
                prints("D-01 full disks", """
                        import os
                        open('/workspace/beside', 'w').write('so that one largest file does not fit')
                        for name in '/workspace/x', '/tmp/x':
                            try:
                                with open(name, 'wb', 0) as f:
                                    while f.write(bytes(1 << 16)): pass
                            except OSError as error:
                                print(error.errno, os.path.getsize(name) >> 20 in (15, 16, 31, 32))
                            os.remove(name)
                        os.remove('/workspace/beside')
                        """, "28 True\n28 True\n")
                        // Where the node gives no size to a file system of memory, the longest file is the first limit.
                        .printsInPods("(2[78] True\n){2}"),
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
                        })
                        .not(BASH)
                        // No number of files is the limit there, but the pod's memory: see docs/THREAT_MODEL.md.
                        .notInPods(),
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
                        """, writablePlaces()),
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

    /** crun mounts cgroups of version 1 into a file system of 1 MiB that takes files. */
    private static String writablePlaces() {
        boolean takesFiles = "crun".equals(System.getProperty("docker.runtime"))
                && Files.notExists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        return takesFiles
                ? "['/dev/shm', '/sys/fs/cgroup', '/tmp', '/workspace']\n"
                : "['/dev/shm', '/tmp', '/workspace']\n";
    }

    private static Stream<Hostile> output() {
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
                                })
                        .loud()
                        .not(STREAM),
                program(
                                "O-02 flood on both",
                                Program.of("import os\nwhile True: os.write(1, b'A' * 4096); os.write(2, b'A' * 4096)")
                                        .timeoutMs(1500),
                                result -> {
                                    assertThat(result.timedOut()).isTrue();
                                    assertThat(result.stdout().equals(full)).isTrue();
                                    assertThat(result.stderr().equals(full)).isTrue();
                                })
                        .loud()
                        .not(STREAM),
                program(
                                "O-01 flood of a stream, which has no mark where it is cut",
                                Program.of("import os\nwhile True: os.write(1, b'A' * 65536); os.write(2, b'A' * 4096)")
                                        .timeoutMs(1500),
                                result -> {
                                    assertThat(result.timedOut()).isTrue();
                                    assertThat(result.stdout().equals("A".repeat(1_000_000)))
                                            .isTrue();
                                    assertThat(result.stdoutTruncated()).isTrue();
                                })
                        .loud()
                        .only(STREAM),
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
                                })
                        .loud(),
                program(
                                "O-15 another encoding",
                                "import sys; sys.stdout.reconfigure(encoding='utf-16'); print('\u20ac')",
                                result -> assertThat(result.exited(0)).isTrue())
                        // In a session it stays as a command has set it.
                        .not(PYTHON),
                program("O-16 no output at all", "import os; os.closerange(0, 3)", result -> {
                    assertThat(result.stdout()).isEmpty();
                    assertThat(result.timedOut()).isFalse();
                }));
    }
}
