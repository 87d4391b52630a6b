package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.CleanEnd;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.mcp.message.Protocol;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tools as a model uses them, against real sandboxes. */
@Timeout(120)
class McpIT {
    private static final JsonObject NONE = JsonObject.EMPTY_JSON_OBJECT;
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_STAGED_FILES", "5"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        CleanEnd.of(service, Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void holdsAConversation(Protocol protocol) {
        McpClient client = new McpClient(api, protocol);
        String id = client.answer("create_session", "{'files':[{'path':'in/a.txt','content':'first'}]}")
                .getString("session_id");
        JsonObject written = client.answer(
                "write_file", "{'session_id':'%s','path':'data.csv','content':'a,b\\n1,2\\n3,4\\n'}".formatted(id));
        assertThat(written.getInt("size_bytes")).isEqualTo(12);
        assertThat(client.answer("run_python", in(id, "import pandas as pd; t = pd.read_csv('data.csv'); t.a.sum()"))
                        .getString("stdout"))
                .isEqualTo("np.int64(4)\n");
        assertThat(client.answer("run_python", in(id, "print(t.b.max(), open('in/a.txt').read())"))
                        .getString("stdout"))
                .isEqualTo("4 first\n");

        JsonObject plot = client.call(
                "run_python", in(id, "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('fig.png')"));
        assertThat(plot.toString()).contains("\"type\":\"image\",\"data\":\"iVBOR");
        assertThat(plot.toString().contains("resource_link")).isEqualTo(protocol.hasLinks());
        assertThat(plot.containsKey("structuredContent")).isFalse();
        JsonObject file =
                McpClient.parse(McpClient.text(plot)).getJsonArray("files").getJsonObject(0);
        assertThat(file.getBoolean("shown")).isTrue();
        assertThat(client.result(
                                "resources/read",
                                Json.createObjectBuilder()
                                        .add("uri", file.getString("uri"))
                                        .build())
                        .getJsonArray("contents")
                        .getJsonObject(0)
                        .getString("blob"))
                .startsWith("iVBOR");

        assertThat(client.answer("list_files", "{'session_id':'%s'}".formatted(id)).getJsonArray("files").stream()
                        .map(each -> each.asJsonObject().getString("path")))
                .containsExactly("data.csv", "fig.png", "in/a.txt");
        JsonObject page = client.answer("list_files", "{'session_id':'%s','limit':1}".formatted(id));
        assertThat(page.getString("next_after")).isEqualTo("data.csv");
        JsonObject lines =
                client.answer("read_file", "{'session_id':'%s','path':'data.csv','offset':2,'limit':1}".formatted(id));
        assertThat(lines.getString("text")).isEqualTo("1,2\n");
        assertThat(lines.getInt("next_offset")).isEqualTo(3);
        assertThat(client.answer("delete_file", "{'session_id':'%s','path':'data.csv'}".formatted(id))
                        .getBoolean("deleted"))
                .isTrue();
        assertThat(client.answer("delete_file", "{'session_id':'%s','path':'data.csv'}".formatted(id))
                        .getBoolean("deleted"))
                .isFalse();
        assertThat(client.failure("read_file", "{'session_id':'%s','path':'data.csv'}".formatted(id)))
                .contains("no such file");
        assertThat(client.answer("run_bash", "{'session_id':'%s','command':'ls | wc -l; exit 3'}".formatted(id))
                        .getInt("exit_code"))
                .isEqualTo(3);
        assertThat(client.answer("end_session", "{'session_id':'%s'}".formatted(id))
                        .getBoolean("ended"))
                .isTrue();
        assertThat(client.answer("end_session", "{'session_id':'%s'}".formatted(id))
                        .getBoolean("ended"))
                .isFalse();
        assertThat(client.failure("run_python", in(id, "1")))
                .contains("has ended")
                .contains("create_session");
    }

    private static String in(String session, String code) {
        return Json.createObjectBuilder()
                .add("session_id", session)
                .add("code", code)
                .build()
                .toString()
                .replace('\'', '\u0007')
                .replace('"', '\'')
                .replace("\u0007", "\\u0027");
    }

    @Test
    void keepsHeadAndTailOfALongOutputAndStoresTheWhole() {
        McpClient client = new McpClient(api, Protocol.V2025_11_25);
        JsonObject answer = client.answer("run_python", "{'code':'for i in range(9000): print(i)'}");
        assertThat(answer.getString("stdout"))
                .startsWith("0\n1\n")
                .contains("characters left out")
                .endsWith("8999\n")
                .hasSizeLessThan(20_100);
        assertThat(answer.getJsonObject("truncated").getBoolean("stdout")).isTrue();
        JsonObject whole = answer.getJsonArray("files").getJsonObject(0);
        assertThat(answer.getString("hint")).contains(whole.getString("file_id"));
        assertThat(whole.getInt("size_bytes")).isEqualTo(43_890);
        JsonObject part =
                client.answer("read_file", "{'file_id':'%s','offset':5000}".formatted(whole.getString("file_id")));
        assertThat(part.getString("text")).startsWith("4999\n");
        assertThat(client.answer("delete_file", "{'file_id':'%s'}".formatted(whole.getString("file_id")))
                        .getBoolean("deleted"))
                .isTrue();
    }

    @Test
    void showsFiveSmallPicturesInALittleHeapWhileOutputIsLarge() {
        McpClient client = new McpClient(api, Protocol.V2026_07_28);
        JsonObject result = client.call(
                "run_python",
                "{'code':'for i in range(7):\\n  open(f\\u0022p{i}.png\\u0022, \\u0022wb\\u0022).write(bytes([137]) + b\\u0022PNG\\\\r\\\\n\\\\x1a\\\\n\\u0022 + bytes(1000000))\\nprint(chr(1) * 900000)'}");
        assertThat(result.getJsonArray("content").stream()
                        .filter(content ->
                                content.asJsonObject().getString("type").equals("image")))
                .hasSize(5);
        assertThat(McpClient.parse(McpClient.text(result)).getJsonArray("files"))
                .hasSize(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run_python | {} | run_python needs code.",
                "run_python | {'code':1} | code must be a string.",
                "run_python | {'code':'','timeout_ms':0} | timeout_ms must be an integer from 1 to 60000.",
                "run_python | {'code':'','timeout_ms':1.5} | timeout_ms must be an integer from 1 to 60000.",
                "run_python | {'code':'','cod':''} | run_python has no argument 'cod'; it takes code, session_id, files, stdin, timeout_ms.",
                "run_python | {'code':'','files':[{}]} | files[0] needs path.",
                "run_python | {'code':'','files':[{'path':'a'}]} | File 'a' needs exactly one of file_id and content.",
                "run_python | {'code':'','files':[{'path':'../a','content':''}]} | File paths must not contain '..'.",
                "run_python | {'code':'','files':[{'path':'a','file_id':'x'}]} | File x does not exist or has expired (files are kept one hour).",
                "run_bash | {'session_id':'x','command':'ls'} | Session x does not exist or has ended. Start a new one with create_session; its variables and files are gone.",
                "read_file | {'path':'a'} | read_file needs either file_id, or session_id and path.",
                "write_file | {'session_id':'x','path':'a'} | write_file needs exactly one of content, content_base64 and file_id.",
                "upload_file | {'filename':'a','content_base64':'%'} | content_base64 is not base64.",
                "list_files | {'after':'x'} | File x does not exist or has expired (files are kept one hour)."
            })
    void saysToTheModelWhatToMend(String tool, String arguments, String sentence) {
        for (Protocol protocol : List.of(Protocol.V2025_03_26, Protocol.V2026_07_28)) {
            assertThat(new McpClient(api, protocol).failure(tool, arguments)).isEqualTo(sentence);
        }
    }

    @Test
    void listsTheSameToolsEachTime() {
        McpClient client = new McpClient(api, Protocol.V2025_11_25);
        String first = client.result("tools/list", NONE).toString();
        assertThat(client.result("tools/list", NONE).toString()).isEqualTo(first);
        assertThat(first).doesNotContain("@").contains("\"maxItems\":5").contains("\"maximum\":60000");
        assertThat(McpClient.parse(first).getJsonArray("tools")).hasSize(9);
    }

    @Test
    void countsCallsByTool() {
        McpClient client = new McpClient(api, Protocol.V2025_11_25);
        assertThat(client.answer("run_python", "{'code':'1'}").getString("stdout"))
                .isEqualTo("1\n");
        assertThat(client.failure("run_bash", "{}")).contains("needs session_id");
        String metrics = api.get("/metrics").body();
        for (String series : List.of(
                "code_interpreter_mcp_calls_total\\{[^}]*outcome=\"ok\",[^}]*tool=\"run_python\"[^}]*} [1-9]",
                "code_interpreter_mcp_calls_total\\{[^}]*outcome=\"failed\",[^}]*tool=\"run_bash\"[^}]*} [1-9]",
                "code_interpreter_mcp_calls_total\\{[^}]*outcome=\"error\",[^}]*tool=\"delete_file\"[^}]*} 0",
                "code_interpreter_executions_completed_total\\{[^}]*operation=\"mcp_run_python\",outcome=\"ok\"[^}]*} [1-9]")) {
            assertThat(metrics).containsPattern(series);
        }
    }

    @Test
    void isNotThereWhereItIsOff() {
        try (ServiceProcess off = ServiceProcess.start(Map.of("MCP_ENABLED", "false"))) {
            for (String method : List.of("GET", "POST", "DELETE")) {
                Answer answer = off.api().send(method, "/mcp", Map.of("Content-Type", "application/json"), "{}");
                assertThat(answer.status()).as(method).isEqualTo(404);
                assertThat(answer.detail()).isEqualTo("Not Found");
            }
        }
    }
}
