package dev.codeinterpreter.stdio;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A host that starts a process, and a service behind it. */
@Timeout(180)
class StdioBridgeIT {
    private static final String META =
            "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}";

    @Test
    void carriesMessagesOfBothErasBothWays() throws IOException, InterruptedException {
        ServiceProcess service = ServiceProcess.shared(Map.of());
        ProcessBuilder builder = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("service.jar", "target/code-interpreter.jar"),
                        StdioBridge.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put(
                        "CODE_INTERPRETER_URL",
                        "http://127.0.0.1:%d/mcp".formatted(service.api().port()));
        Process bridge = builder.start();
        OutputStream in = bridge.getOutputStream();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(bridge.getInputStream(), UTF_8))) {
            send(
                    in,
                    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\"}}");
            assertThat(out.readLine()).contains("\"id\":0").contains("\"protocolVersion\":\"2025-06-18\"");
            send(in, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
            send(
                    in,
                    call("1", "print(1, flush=True)\\nimport time; time.sleep(50)", "\"_meta\":{\"progressToken\":5}"));
            assertThat(out.readLine()).contains("notifications/progress").contains("\"progressToken\":5");
            send(in, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
            service.engine().awaitNone(Duration.ofSeconds(20));
            send(in, call("\"two\"", "print('h\u00e9')", META + "}"));
            assertThat(out.readLine())
                    .contains("\"id\":\"two\"")
                    .contains("h\u00e9")
                    .contains("resultType");
            send(in, "nonsense");
            assertThat(out.readLine()).contains("-32700");
            send(in, "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"nope\",\"params\":{" + META + "}}}");
            assertThat(out.readLine()).contains("\"id\":9").contains("-32601");
            in.close();
            assertThat(out.readLine()).isNull();
            assertThat(bridge.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(bridge.exitValue()).isZero();
        } finally {
            bridge.destroyForcibly();
        }
        Await.until(
                "no sandbox is left",
                Duration.ofSeconds(20),
                () -> service.engine().sandboxes().equals(List.of()));
    }

    private static String call(String id, String code, String meta) {
        return "{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"tools/call\",\"params\":{\"name\":\"run_python\",\"arguments\":{\"code\":\"%s\",\"timeout_ms\":60000},%s}}"
                .formatted(id, code, meta);
    }

    private static void send(OutputStream in, String line) throws IOException {
        in.write((line + "\n").getBytes(UTF_8));
        in.flush();
    }
}
