package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.ATTEMPT;
import static dev.codeinterpreter.hostile.Hostile.prints;
import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static dev.codeinterpreter.hostile.RunMode.PYTHON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import java.util.Map;
import java.util.stream.Stream;

/** Programs that leave files which nobody should open, follow, run or believe. */
final class HostileFiles {
    private HostileFiles() {}

    static Stream<Hostile> all() {
        return Stream.of(
                prints(
                        "T-01 holes",
                        ATTEMPT + "attempt('sparse', open('s', 'wb').truncate, 1 << 30); os.remove('s')",
                        "sparse EFBIG\n"),
                program("T-01 more holes than room", "for n in 'abc': open(n, 'wb').truncate(30 << 20)", result -> {
                            assertThat(result.files()).hasSize(1);
                            assertThat(result.skipped()).isEqualTo(Map.of("b", "total_size", "c", "total_size"));
                        })
                        .not(BASH),
                program("T-02 too many", "for n in range(1000): open(str(n), 'w').close()", result -> {
                            assertThat(result.files()).hasSize(50);
                            assertThat(result.skipped()).containsValue("file_limit");
                        })
                        .streamed()
                        .not(BASH),
                program("T-03 too deep", """
                        import os
                        for _ in range(1500):
                            os.mkdir('d'); os.chdir('d')
                        open('leaf', 'w').close()
                        open('/workspace/beside', 'w').close()
                        """, result -> {
                            assertThat(result.files().keySet()).containsExactly("beside");
                            assertThat(result.skipped()).containsValue("depth");
                        })
                        .not(BASH),
                program("T-04 links to everywhere", """
                        import os
                        for n, target in enumerate(('/etc/passwd', '/proc/1/environ', '/proc/self/root', 'nowhere', '6', '/', '6')):
                            os.symlink(target, str(n))
                        for n in range(10, 60): os.symlink(str(n - 1), str(n))
                        """, result -> {
                            assertThat(result.files()).isEmpty();
                            assertThat(result.skipped()).hasSize(57).containsValue("symlink");
                            assertThat(result.skipped().values()).containsOnly("symlink");
                        })
                        .not(BASH),
                program("T-07 pipes and sockets", """
                        import os, socket
                        os.mkfifo('pipe')
                        for n in range(300): socket.socket(socket.AF_UNIX).bind(f'socket{n}')
                        open('file', 'w').close()
                        """, result -> {
                            assertThat(result.files().keySet()).containsExactly("file");
                            assertThat(result.skipped())
                                    .containsValue("special")
                                    .hasSizeLessThanOrEqualTo(101);
                        })
                        .not(BASH),
                prints(
                        "T-09 devices",
                        ATTEMPT
                                + "import stat; attempt('device', os.mknod, 'n', stat.S_IFCHR | 0o666, os.makedev(1, 3))",
                        "device EPERM\n"),
                program("T-10 nothing may be read", Program.of("""
                        import os
                        os.mkdir('d'); open('d/inside', 'w').write('inside'); open('file', 'w').write('file')
                        os.chmod('d/inside', 0); os.chmod('d', 0); os.chmod('file', 0); os.chmod('/workspace', 0)
                        """), (result, api) -> {
                            assertThat(result.files().keySet()).containsExactly("d/inside", "file");
                            result.files()
                                    .forEach((path, id) -> assertThat(api.content(id))
                                            .isEqualTo(path.substring(path.indexOf('/') + 1)));
                        })
                        .not(PYTHON, BASH),
                program("T-11 a writer that does not stop", Program.of("""
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
                        })
                        .not(PYTHON, BASH),
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
                        })
                        .not(BASH),
                program(
                                "T-14 names that are options",
                                "for n in '--checkpoint=1', '--checkpoint-action=exec=sh x.sh', '-rf', '--to-command=id': open(n, 'w').close()",
                                result -> assertThat(result.files()).hasSize(4))
                        .not(BASH),
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
                        })
                        .not(BASH),
                program("T-25 much beside the workspace", """
                        import os
                        os.symlink('/etc', '/tmp/etc'); os.symlink('/workspace', '/tmp/w'); os.mkfifo('/tmp/pipe')
                        for n in range(400): open(f'/tmp/{n}\\n<b>\\x1b[31m', 'w').write('x')
                        open(b'/tmp/\\xff', 'w').write('x')
                        os.chdir('/tmp')
                        for _ in range(300): os.mkdir('d'); os.chdir('d')
                        open('leaf', 'w').write('x')
                        """, result -> {
                            assertThat(result.files()).isEmpty();
                            assertThat(result.skipped()).hasSize(20);
                            assertThat(result.skipped().values()).containsOnly("outside_workspace");
                            assertThat(result.skipped().keySet()).allMatch(name -> name.startsWith("/tmp/"));
                        })
                        .not(BASH),
                program(
                                "N-01 control characters in names",
                                "for n in 'a\\nb', 'a\\rb', '\\t', '\\x1b[31m', '\\x7f': open(n, 'w').close()",
                                result -> assertThat(result.files().keySet())
                                        .containsExactlyInAnyOrder("a\nb", "a\rb", "\t", "\u001b[31m", "\u007f"))
                        .streamed()
                        .not(BASH),
                program(
                                "N-02 names that are not UTF-8",
                                "open(b'\\xff\\xfe', 'w').close(); open(b'\\xed\\xa0\\x80', 'w').close(); open('good', 'w').close()",
                                result -> {
                                    assertThat(result.files().keySet()).containsExactly("good");
                                    assertThat(result.skipped().values()).containsOnly("name_not_utf8");
                                })
                        .streamed()
                        .not(BASH),
                program(
                                "N-03 long names",
                                """
                        import os
                        open('a' * 255, 'w').close()
                        os.makedirs('/'.join(['b' * 200] * 15)); open('/'.join(['b' * 200] * 15) + '/leaf', 'w').close()
                        """,
                                result -> assertThat(result.files()).hasSize(2))
                        .not(BASH),
                program(
                                "S-13 its own source",
                                "import os; os.remove('__main__.py'); os.mkdir('__main__.py'); open('__main__.py/x', 'w').close(); print('on')",
                                result -> {
                                    assertThat(result.stdout()).isEqualTo("on\n");
                                    assertThat(result.exited(0)).isTrue();
                                })
                        .not(PYTHON));
    }
}
