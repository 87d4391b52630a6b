package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.json.Json;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever LOG_LEVEL is, nothing that clients and programs say is in the log, in any form in which a library could print it. */
@Timeout(120)
class LogContentIT {
    private static final List<String> SECRETS =
            List.of("kodekanarie", "inputkanarie", "outputkanarie", "filekanarie", "tokenkanarie", "linekanarie");

    @ParameterizedTest
    @ValueSource(strings = {"INFO", "DEBUG", "TRACE", "NOTSET"})
    void keepsContentOutOfTheLog(String level) throws IOException {
        try (ServiceProcess service =
                ServiceProcess.start(Map.of("LOG_LEVEL", level, "LOG_FORMAT", "json", "WARM_POOL_SIZE", "0"))) {
            Api api = service.api();
            String id = api.upload("a.txt", "filekanarie");
            api.run(Program.of("# kodekanarie\nprint('output' + 'kanarie', input())")
                    .stdin("inputkanarie"));
            api.get("/v1/files/" + id);
            try (Session session = Session.begin(api)) {
                session.python("# kodekanarie\nprint('output' + 'kanarie')");
                session.bash("echo linekanarie");
                session.write("b.txt", "filekanarie".getBytes(StandardCharsets.UTF_8));
                session.read("b.txt");
            }
            try (Socket socket = api.begin("/v1/execute", "{\"code\": \"kodekanarie\"")) {
                assertThat(Api.answer(socket)).startsWith("HTTP/1.1 422 ");
            }
            try (Socket socket = api.connect()) {
                socket.getOutputStream()
                        .write(Api.request("/v1/execute", "{\"code\": \"1\"}", "Authorization: Bearer tokenkanarie"));
                assertThat(Api.answer(socket)).startsWith("HTTP/1.1 200 ");
            }
            String log = service.log();
            assertThat(log).isNotEmpty();
            SECRETS.forEach(secret -> {
                assertThat(log).doesNotContain(secret);
                // As docker-java writes bytes.
                assertThat(log).doesNotContain(hex(secret));
            });
            log.lines().forEach(LogContentIT::requireJson);
        }
    }

    private static String hex(String text) {
        StringBuilder digits = new StringBuilder();
        text.chars().limit(6).forEach(c -> digits.append("%02x".formatted(c)));
        return digits.toString();
    }

    private static void requireJson(String line) {
        try (JsonReader reader = Json.createReader(new StringReader(line))) {
            assertThat(reader.readObject()).containsKeys("timestamp", "level", "logger", "thread", "message");
        }
    }
}
