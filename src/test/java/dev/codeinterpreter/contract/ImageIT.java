package dev.codeinterpreter.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each library and tool of the image that comes with the service does one real thing, as a program in a sandbox. */
@Tag("complete")
@Timeout(60)
class ImageIT {
    /** Each function of a program is called at once; what it raises is its line of the output. */
    private static final String BEGIN = """
            def check(function):
                try:
                    function()
                    print(function.__name__, 'ok')
                except BaseException as error:
                    print(function.__name__, type(error).__name__, error)
            """;

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
    }

    /** @param checks in the program, so that none is lost unnoticed */
    @ParameterizedTest
    @CsvSource({"numbers,17", "models,5", "formats,25", "pictures,16", "tools,12"})
    void works(String program, int checks) throws IOException {
        Result result = service.api()
                .run(Program.of(BEGIN + source(program)).timeoutMs(30_000).interactive(false));
        assertThat(result.exited(0)).as(result.toString()).isTrue();
        assertThat(result.stdout().lines())
                .as(result.toString())
                .hasSize(checks)
                .allMatch(line -> line.endsWith(" ok"));
    }

    private static String source(String program) throws IOException {
        try (InputStream in =
                ImageIT.class.getResourceAsStream("/dev/codeinterpreter/image/%s.py".formatted(program))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
