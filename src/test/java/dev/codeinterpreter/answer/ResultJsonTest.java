package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.run.RunResult.OutputFile;
import dev.codeinterpreter.run.RunResult.SkippedFile;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultJsonTest {
    private static final String ID = "3f2a9c4e-8a53-4a3b-9d0e-0c7a3f5b1d21";

    @TempDir
    Path spool;

    private static final ProgramExit EXIT = new ProgramExit(
            OptionalInt.of(3),
            ProgramExit.Termination.EXITED,
            Duration.ofNanos(31_999_999),
            Duration.ofMillis(27),
            11_534_336,
            true,
            false,
            false);

    @Test
    void tellsEverythingInTheOrderOfTheContract() throws IOException {
        RunResult result = new RunResult(
                EXIT,
                List.of(new OutputFile("plots/a.png", FileId.parse(ID).orElseThrow(), 5)),
                List.of(new SkippedFile("link", "symlink")));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        BufferedAnswer.of(
                        100,
                        new SpoolDirectory(spool, new StorageBudget(1 << 30))::overflow,
                        false,
                        output -> {
                            output.stdout("o".repeat(100).getBytes(UTF_8));
                            output.stderr("err".getBytes(UTF_8));
                            return result;
                        },
                        json -> json.outcome().files().details())
                .writeTo(answer);
        assertThat(answer.toString(UTF_8))
                .isEqualTo("{\"stdout\":\"%s\\n...[truncated]\",\"stderr\":\"err\",".formatted("o".repeat(68))
                        + "\"exit_code\":3,\"timed_out\":false,\"duration_ms\":31,"
                        + "\"files\":[{\"path\":\"plots/a.png\",\"kind\":\"file\",\"file_id\":\"%s\"}],".formatted(ID)
                        + "\"truncated\":{\"stdout\":true,\"stderr\":false},\"termination\":\"exited\","
                        + "\"skipped_files\":[{\"path\":\"link\",\"reason\":\"symlink\"}],"
                        + "\"usage\":{\"cpu_ms\":27,\"peak_memory_bytes\":11534336}}");
    }

    @Test
    void hasNoExitCodeForATimeout() {
        ProgramExit exit = new ProgramExit(
                OptionalInt.empty(),
                ProgramExit.Termination.TIMEOUT,
                Duration.ofMillis(2001),
                Duration.ZERO,
                0,
                false,
                false,
                true);
        assertThat(new ResultJson(new RunResult(exit, List.of(), List.of()))
                        .outcome()
                        .stateLost()
                        .build())
                .hasToString("{\"exit_code\":null,\"timed_out\":true,\"duration_ms\":2001,\"state_lost\":true}");
    }

    @Test
    void tellsNoMoreThanItIsAskedFor() {
        RunResult result = new RunResult(EXIT, List.of(), List.of());
        assertThat(new ResultJson(result).files().build()).hasToString("{\"files\":[]}");
        assertThat(new ResultJson(result).build()).isEmpty();
    }
}
