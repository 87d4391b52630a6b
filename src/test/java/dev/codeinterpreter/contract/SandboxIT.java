package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.OpenApi;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a service says of its sandboxes is what a program finds in one. */
@Timeout(60)
class SandboxIT {
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
    }

    private static Answer answer() {
        Answer answer = service.api().get("/v1/sandbox");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        OpenApi openApi = OpenApi.of(service.api());
        openApi.requireDescribed(openApi.operation("GET /v1/sandbox"), answer);
        return answer;
    }

    @Test
    void describesWhatAProgramFinds() {
        JsonObject json = answer().json();
        Map<String, String> libraries = json.getJsonArray("libraries").getValuesAs(JsonObject.class).stream()
                .collect(Collectors.toMap(entry -> entry.getString("name"), entry -> entry.getString("version")));
        Result seen = service.api().run("""
                import platform, shutil, resource, os
                import numpy, PIL
                print(platform.python_version(), numpy.__version__, PIL.__version__)
                print(resource.getrlimit(resource.RLIMIT_CPU)[0])
                print([shutil.which(tool) is not None for tool in ('bash', 'sed', 'gcc', 'curl')])
                """);
        assertThat(seen.stdout())
                .as(seen.toString())
                .isEqualTo("%s %s %s\n%d\n[True, True, False, False]\n"
                        .formatted(
                                json.getString("python"),
                                libraries.get("numpy"),
                                libraries.getOrDefault("pillow", libraries.get("Pillow")),
                                json.getJsonObject("limits").getInt("cpu_seconds")));
        assertThat(strings(json, "tools")).contains("bash", "python3", "sed").doesNotContain("gcc", "curl");
        assertThat(libraries).containsKeys("pandas", "matplotlib", "scikit-learn");
        assertThat(json.getJsonObject("limits").getBoolean("network")).isFalse();
    }

    @Test
    void launchesOneSandboxForAllWhoAsk() {
        String first = answer().body();
        long launches = service.engine().launches();
        for (int i = 0; i < 20; i++) {
            assertThat(service.api().get("/v1/sandbox").body()).isEqualTo(first);
        }
        assertThat(service.engine().launches()).isEqualTo(launches);
    }

    private static List<String> strings(JsonObject json, String member) {
        return json.getJsonArray(member).getValuesAs(JsonString.class).stream()
                .map(JsonString::getString)
                .toList();
    }
}
