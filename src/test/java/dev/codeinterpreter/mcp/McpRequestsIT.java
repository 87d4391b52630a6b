package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.CleanEnd;
import dev.codeinterpreter.harness.Fuzz;
import dev.codeinterpreter.harness.FuzzedJson;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.mcp.message.Protocol;
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

/** Requests as hostile clients send them, and clients that leave. */
@Timeout(120)
class McpRequestsIT {
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
        CleanEnd.of(service, Duration.ofSeconds(10));
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
                "[{'jsonrpc':'2.0','id':1,'method':'initialize'}] | 400 | -32600",
                "[{'jsonrpc':'2.0','id':1,'method':'server/discover'}] | 200 | [{'jsonrpc':'2.0','id':1,'error':{'code':-32601",
                "[{'jsonrpc':'2.0','id':1,'method':'subscriptions/listen'}] | 200 | [{'jsonrpc':'2.0','id':1,'error':{'code':-32601",
                "[7,{'jsonrpc':'2.0','id':1,'method':'ping'},[]] | 200 | {'jsonrpc':'2.0','id':1,'result':{}},{'jsonrpc':'2.0','error'",
                "[{'jsonrpc':'2.0','id':1,'method':'tools/call','params':{'name':'run_python','arguments':7}},{'jsonrpc':'2.0','id':2,'method':'ping'}] | 200 | 'id':2,'result':{}}]",
                "[{'jsonrpc':'2.0','id':1,'result':{}},{'jsonrpc':'2.0','method':'notifications/cancelled','params':{'requestId':[]}}] | 202 | ~~"
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
