package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Fuzz;
import dev.codeinterpreter.harness.FuzzedJson;
import dev.codeinterpreter.harness.ServiceProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tools as a model uses them and requests as a hostile client sends them, against real sandboxes. */
@Timeout(120)
class McpIT {
    private static final JsonObject NONE = JsonObject.EMPTY_JSON_OBJECT;
    private static final String SLEEP =
            "{\"name\":\"run_python\",\"arguments\":{\"code\":\"print(1, flush=True)\\nimport time; time.sleep(50)\",\"timeout_ms\":60000},\"_meta\":{\"progressToken\":1}}";
    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("MAX_STAGED_FILES", "5"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.engine().awaitNone(Duration.ofSeconds(10));
        assertThat(service.temporaryFiles()).isEmpty();
        assertThat(service.log()).as("stack traces in the log").doesNotContain("\tat ");
        service.close();
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

    // Requests.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                // body, with ' for " | status | part of the answer
                "~~ | 400 | -32700",
                "{ | 400 | -32700",
                "[] | 400 | -32600",
                "null | 400 | -32600",
                "{'jsonrpc':'1.0','id':1,'method':'ping'} | 400 | -32600",
                "{'jsonrpc':'2.0','id':null,'method':'ping'} | 400 | -32600",
                "{'jsonrpc':'2.0','id':1.5,'method':'ping'} | 400 | -32600",
                "{'jsonrpc':'2.0','id':1,'method':5} | 400 | 'id':1,'error':{'code':-32600",
                "{'jsonrpc':'2.0','id':1,'method':'ping','params':[]} | 400 | -32600",
                "{'jsonrpc':'2.0','id':1,'method':'ping'} | 200 | {'jsonrpc':'2.0','id':1,'result':{}}",
                "{'jsonrpc':'2.0','id':'1','method':'ping'} | 200 | 'id':'1'",
                "{'jsonrpc':'2.0','id':1,'method':'nope'} | 200 | -32601",
                "{'jsonrpc':'2.0','id':1,'method':'server/discover'} | 200 | -32601",
                "{'jsonrpc':'2.0','id':1,'method':'tools/call'} | 200 | -32602",
                "{'jsonrpc':'2.0','id':1,'method':'tools/call','params':{'name':'run_ruby'}} | 200 | Unknown tool: run_ruby",
                "{'jsonrpc':'2.0','id':1,'method':'tools/call','params':{'name':'run_python','arguments':[]}} | 200 | -32602",
                "{'jsonrpc':'2.0','id':1,'method':'tools/list','params':{'cursor':''}} | 200 | -32602",
                "{'jsonrpc':'2.0','id':1,'method':'resources/list','params':{'cursor':'zz'}} | 200 | -32602",
                "{'jsonrpc':'2.0','id':1,'method':'resources/read','params':{'uri':'file:///etc/passwd'}} | 200 | -32002",
                "{'jsonrpc':'2.0','method':'notifications/initialized'} | 202 | ~~",
                "{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':7}} | 202 | ~~",
                "{'jsonrpc':'2.0','id':1,'result':{}} | 202 | ~~",
                "[{'jsonrpc':'2.0','id':1,'method':'ping'},{'jsonrpc':'2.0','method':'x'},{'jsonrpc':'2.0','id':'b','method':'no'}] | 200 | [{'jsonrpc':'2.0','id':1,'result':{}},{'jsonrpc':'2.0','id':'b','error'",
                "[{'jsonrpc':'2.0','method':'x'}] | 202 | ~~",
                "[{'jsonrpc':'2.0','id':1,'method':'initialize'}] | 400 | -32600"
            })
    void answersEachBodyAsTheFirstRevisionSays(String body, int status, String part) {
        Answer answer = api.send("POST", "/mcp", Map.of("Content-Type", "application/json"), body.replace('\'', '"'));
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(part.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET | Accept | text/event-stream | 405",
                "DELETE | Accept | */* | 405",
                "POST | Content-Type | text/plain | 415",
                "POST | Accept | text/html | 406",
                "POST | Origin | http://evil.example | 403",
                "POST | Origin | http://localhost:6274 | 200",
                "POST | Content-Encoding | gzip | 415"
            })
    void checksTheRequestBeforeItsBody(String method, String header, String value, int status) {
        Map<String, String> headers = header.equals("Content-Type")
                ? Map.of(header, value)
                : Map.of("Content-Type", "application/json", header, value);
        String body = method.equals("POST") ? "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}" : "";
        Answer answer = api.send(method, "/mcp", headers, body);
        assertThat(answer.status()).isEqualTo(status);
        if (status == 405) {
            assertThat(answer.header("allow")).contains("POST");
        }
    }

    @Test
    void refusesWhatIsTooLongWithoutRepeatingIt() {
        for (String field : List.of("method", "id", "jsonrpc")) {
            String body = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"%s\":\"%s\"}"
                    .formatted(field, "x".repeat(1 << 20));
            Answer answer = api.send("POST", "/mcp", Map.of("Content-Type", "application/json"), body);
            assertThat(answer.status()).as(field).isEqualTo(400);
            assertThat(answer.body()).hasSizeLessThan(500);
        }
        McpClient client = new McpClient(api, Protocol.V2025_11_25);
        Answer answer = client.send(
                "tools/call",
                Json.createObjectBuilder().add("name", "y".repeat(1 << 20)).build());
        assertThat(answer.body()).contains("-32602").hasSizeLessThan(500);
        String batch =
                "[" + "{\"jsonrpc\":\"2.0\",\"method\":\"x\"},".repeat(20) + "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}]";
        assertThat(api.send("POST", "/mcp", Map.of("Content-Type", "application/json"), batch)
                        .status())
                .isEqualTo(400);
    }

    /** Requests that are nearly right, of both eras: each is answered, and nothing is left. */
    @Test
    void survivesNearlyRightRequests() {
        List<String> bodies = List.of(
                "{'jsonrpc':'2.0','id':1,'method':'tools/call','params':{'name':'list_files','arguments':{'limit':3,'after':'x'},'_meta':{'progressToken':1}}}",
                "{'jsonrpc':'2.0','id':'a','method':'tools/call','params':{'name':'read_file','arguments':{'session_id':'x','path':'y','offset':2}}}",
                "{'jsonrpc':'2.0','id':1,'method':'resources/read','params':{'uri':'code-interpreter://sessions/x/files/y'}}",
                "{'jsonrpc':'2.0','id':1,'method':'initialize','params':{'protocolVersion':'2025-11-25','capabilities':{}}}",
                "{'jsonrpc':'2.0','id':1,'method':'subscriptions/listen','params':{'_meta':{'io.modelcontextprotocol/protocolVersion':'2026-07-28','io.modelcontextprotocol/clientCapabilities':{}}}}");
        Fuzz.run("mcp", 200, random -> {
            FuzzedJson fuzzed = new FuzzedJson(random);
            String body = bodies.get(random.nextInt(bodies.size())).replace('\'', '"');
            Answer answer = api.send(
                    "POST",
                    "/mcp",
                    random.nextBoolean()
                            ? Map.of("Content-Type", "application/json")
                            : Map.of(
                                    "Content-Type", "application/json",
                                    "MCP-Protocol-Version", "2026-07-28",
                                    "Mcp-Method", "subscriptions/listen"),
                    BodyPublishers.ofByteArray(fuzzed.bytes(fuzzed.like(McpClient.parse(body)))));
            assertThat(answer.status()).as(answer.toString()).isLessThan(500);
            assertThat(answer.body()).doesNotContain("\tat ", "java.", "dev.codeinterpreter", "/tmp/", "-32603");
        });
    }

    // Ends.

    @Test
    void cancelsTheCallThatIsNamedAndNoOther() throws IOException {
        McpClient client = new McpClient(api, Protocol.V2025_11_25);
        JsonObject params = McpClient.parse(SLEEP);
        try (Socket first = begin(client, "Mcp-Session-Id: one", params);
                Socket second = begin(client, "Mcp-Session-Id: two", params)) {
            assertThat(Api.head(first)).contains("text/event-stream");
            assertThat(Api.head(second)).contains("text/event-stream");
            Await.until(
                    "two runs",
                    Duration.ofSeconds(20),
                    () -> service.engine().sandboxes().size() == 2);
            Answer answer = api.send(
                    "POST",
                    "/mcp",
                    Map.of(
                            "Content-Type", "application/json",
                            "MCP-Protocol-Version", "2025-11-25",
                            "Mcp-Session-Id", "one"),
                    "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}");
            assertThat(answer.status()).isEqualTo(202);
            Await.until(
                    "one run",
                    Duration.ofSeconds(20),
                    () -> service.engine().sandboxes().size() == 1);
            String rest = rest(first);
            assertThat(rest).contains("notifications/progress").doesNotContain("\"result\"");
        }
        service.engine().awaitNone(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @EnumSource(
            value = Protocol.class,
            names = {"V2025_11_25", "V2026_07_28"})
    void endsTheRunsOfAHundredStreamsWhoseClientsLeave(Protocol protocol) throws IOException {
        McpClient client = new McpClient(api, protocol);
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            sockets.add(begin(client, "X-None: 1", McpClient.parse(SLEEP)));
        }
        Await.until(
                "some of them run",
                Duration.ofSeconds(30),
                () -> service.engine().sandboxes().size() > 3);
        for (Socket socket : sockets) {
            socket.close();
        }
        service.engine().awaitNone(Duration.ofSeconds(40));
        assertThat(new McpClient(api, protocol)
                        .answer("run_python", "{'code':'1+1'}")
                        .getString("stdout"))
                .isEqualTo("2\n");
    }

    /** What is left of an answer in chunks. */
    private static String rest(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n0\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            assertThat(c).as(text.toString()).isNotNegative();
            text.append((char) c);
        }
        return text.toString();
    }

    private static Socket begin(McpClient client, String header, JsonObject params) throws IOException {
        Socket socket = api.connect();
        List<String> headers = new ArrayList<>();
        client.headers("tools/call", params).forEach((name, value) -> {
            if (!name.equals("Content-Type")) {
                headers.add(name + ": " + value);
            }
        });
        headers.add(header);
        socket.getOutputStream()
                .write(Api.request("/mcp", client.body("7", "tools/call", params), headers.toArray(String[]::new)));
        return socket;
    }
}
