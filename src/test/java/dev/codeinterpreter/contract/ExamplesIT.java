package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import dev.codeinterpreter.harness.OnlyOnDocker;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples of README.md and docs/API.md, one after another in one shell, answer as it is written there. */
@Timeout(120)
@OnlyOnDocker("the backend's name in the answers")
class ExamplesIT {
    private static final String MARK = "--- next ---";

    @Test
    void answerAsDocumented(@TempDir Path directory) throws Exception {
        List<Markdown.Block> examples = Stream.of("README.md", "docs/API.md")
                .flatMap(file -> Markdown.of(file).blocks().stream())
                .filter(block -> block.language().equals("sh") && block.code().contains("localhost:8000"))
                .toList();
        assertThat(examples).hasSizeGreaterThan(15);
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            StringBuilder script = new StringBuilder("set -eu\n");
            for (Markdown.Block example : examples) {
                script.append(example.code()
                                .replace(
                                        "localhost:8000",
                                        "localhost:" + service.api().port()))
                        .append("printf '\\n%s\\n' '")
                        .append(MARK)
                        .append("'\n");
            }
            String[] outputs = run(script.toString(), directory).split(MARK + "\n", -1);
            assertThat(outputs).hasSize(examples.size() + 1);
            for (int i = 0; i < examples.size(); i++) {
                assertThat(comparable(outputs[i]))
                        .as(examples.get(i).code())
                        .isEqualTo(comparable(examples.get(i).output()));
            }
        }
    }

    /** Without what differs from run to run. */
    private static String comparable(String output) {
        return output.replace("\r", "")
                .replaceAll("(?m)^(?:Date|X-Request-Id): .*\n", "")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                .replaceAll("code-session-[0-9a-f]{32}", "SESSION")
                .replaceAll(
                        "(\"(?:duration_ms|cpu_ms|peak_memory_bytes|upload_time|expires_at)\"):[0-9.E]+", "$1:NUMBER")
                .strip();
    }

    private static String run(String script, Path directory) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Path file = Files.writeString(directory.resolve("script"), script);
        ProcessBuilder builder = new ProcessBuilder("bash", file.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // No proxy of this machine's.
        builder.environment().keySet().retainAll(List.of("PATH"));
        Process shell = builder.start();
        try {
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).as("the shell ends").isTrue();
        } finally {
            shell.destroyForcibly();
        }
        String printed = Files.readString(output);
        assertThat(shell.exitValue()).as(printed).isZero();
        return printed;
    }
}
