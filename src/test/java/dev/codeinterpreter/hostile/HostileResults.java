package dev.codeinterpreter.hostile;

import static dev.codeinterpreter.hostile.Hostile.program;
import static dev.codeinterpreter.hostile.RunMode.BASH;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import jakarta.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;

/** Programs that abuse the way on which they show things. What a shell runs has none. */
final class HostileResults {
    /** {@code pipe} is that way; what is written there is a message, or not. */
    private static final String FIND = """
            import os
            def link(fd):
                try: return os.readlink(f'/proc/self/fd/{fd}')
                except OSError: return ''
            pipe = [fd for fd in map(int, os.listdir('/proc/self/fd')) if fd > 2 and link(fd).startswith('pipe:')][0]
            def message(kind, content=b''): return b'12345678' + kind + len(content).to_bytes(2, 'big') + content
            def form(kind, content, size=None):
                size = len(content) if size is None else size
                return message(b'F', size.to_bytes(8, 'big') + b'd' + kind) + message(b'C', content)
            display('first')
            """;

    private HostileResults() {}

    static Stream<Hostile> all() {
        return Stream.of(
                        program("R-01 a form that never ends", Program.of("""
                                        class X:
                                            def _repr_html_(self):
                                                while True: pass
                                        display('first')
                                        display(X())
                                        """).timeoutMs(1000), result -> {
                            assertThat(result.timedOut()).isTrue();
                            assertThat(texts(result)).containsExactly("'first'");
                        }),
                        program("R-02 forms that are too long, raise and are none", """
                                class X:
                                    def __repr__(self): return 'x'
                                    def _repr_png_(self): return bytes(1 << 30)
                                    def _repr_html_(self): return '<' * (16 << 20)
                                    def _repr_latex_(self): raise MemoryError
                                    def _repr_markdown_(self): return b'bytes'
                                    def _repr_json_(self): return [float('nan')]
                                    def _repr_svg_(self): return '<svg>\\u2028\\x00\\ud800'
                                display(X())
                                """, result -> {
                            assertThat(result.exited(0)).isTrue();
                            JsonObject item = result.results().getFirst();
                            assertThat(item.getJsonObject("data")).containsOnlyKeys("text/plain", "image/svg+xml");
                            assertThat(item.getJsonObject("data").getString("image/svg+xml"))
                                    .isEqualTo("<svg>\u2028\0?");
                            assertThat(item.getBoolean("truncated")).isTrue();
                            assertThat(result.files()).isEmpty();
                        }),
                        shows(
                                "R-03 rubbish on the way itself",
                                "os.write(pipe, os.urandom(60_000))\ndisplay(2)",
                                "'first'"),
                        program(
                                "R-04 a flood of rubbish and of messages",
                                Program.of(FIND + """
                                        if os.fork():
                                            while True: os.write(pipe, message(b'C', b'x'))
                                        while True: os.write(pipe, bytes(4096))
                                        """).timeoutMs(1500),
                                result -> assertThat(texts(result)).containsExactly("'first'")),
                        program("R-05 more than there may be, in all sizes", FIND + """
                                for i in range(3000): os.write(pipe, message(b'B', b'v' * (i % 2)) + form(b'text/html', b'h' * 4000) + message(b'E'))
                                class P:
                                    def _repr_png_(self): return bytes(1 << 20)
                                for _ in range(60): display(P())
                                """, result -> {
                            assertThat(result.exited(0)).isTrue();
                            assertThat(result.results()).hasSize(100);
                            assertThat(result.results().stream().filter(HostileResults::isValue))
                                    .hasSizeLessThanOrEqualTo(1);
                            assertThat(result.results().stream()
                                            .mapToInt(item -> item.getJsonObject("data")
                                                    .getString("text/html", "")
                                                    .length())
                                            .sum())
                                    .isLessThanOrEqualTo(1_000_000);
                        }),
                        program("R-06 pictures of more bytes and names than there may be", """
                                open('display-1.png', 'w').close()
                                class P:
                                    def _repr_png_(self): return b'p' * (1 << 20)
                                for _ in range(45): display(P())
                                """, result -> {
                            assertThat(result.exited(0)).isTrue();
                            assertThat(result.results()).hasSize(45);
                            assertThat(result.files().size()).isBetween(25, 50);
                            assertThat(result.results().getLast().getBoolean("truncated"))
                                    .isTrue();
                        }),
                        shows("R-07 sizes and kinds that are none", """
                                os.write(pipe, message(b'B') + form(b'image/png', b'x', 1 << 63) + message(b'E'))
                                os.write(pipe, message(b'B') + form(b'image/../../etc', b'x') + form(b'text/plain', b'bad') + message(b'E'))
                                os.write(pipe, message(b'B') + form(b'application/json', b'[' * 4000) + form(b'text/plain', b'deep') + message(b'E'))
                                os.write(pipe, message(b'B') + form(b'application/json', b'1e999999999') + message(b'E'))
                                x = 1
                                """, "'first'", "bad", "deep", ""),
                        shows("R-08 another end of the way", """
                                import fcntl, signal
                                signal.signal(signal.SIGPIPE, signal.SIG_DFL)
                                fcntl.fcntl(pipe, 1031, 1 << 20)
                                os.set_blocking(pipe, False)
                                display(2)
                                os.close(pipe)
                                display(3)
                                r, w = os.pipe()
                                display(4)
                                """, "'first'", "2"))
                .map(row -> row.streamed().not(BASH));
    }

    private static Hostile shows(String name, String code, String... texts) {
        return program(name, FIND + code, result -> {
            assertThat(result.exited(0)).isTrue();
            assertThat(texts(result)).containsExactly(texts);
        });
    }

    private static List<String> texts(Result result) {
        return result.results().stream()
                .map(item -> item.getJsonObject("data").getString("text/plain"))
                .toList();
    }

    private static boolean isValue(JsonObject item) {
        return item.getString("type").equals("execute_result");
    }
}
