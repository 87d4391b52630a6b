package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.mcp.message.RpcException;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpError;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol's SDK in Java as the client, which holds each structuredContent against the outputSchema of its tool. */
@Tag("complete")
@Timeout(120)
class JavaSdkIT {
    private static final List<McpSchema.ProgressNotification> PROGRESS = new CopyOnWriteArrayList<>();
    private static ServiceProcess service;
    private static McpSyncClient client;

    @BeforeAll
    static void connect() {
        service = ServiceProcess.shared(Map.of());
        client = io.modelcontextprotocol.client.McpClient.sync(HttpClientStreamableHttpTransport.builder(
                                "http://127.0.0.1:" + service.api().port())
                        .endpoint("/mcp")
                        .build())
                .requestTimeout(Duration.ofMinutes(1))
                .enableCallToolSchemaCaching(true)
                .progressConsumer(PROGRESS::add)
                .build();
        McpSchema.InitializeResult opened = client.initialize();
        assertThat(opened.protocolVersion()).isEqualTo("2025-11-25");
        assertThat(opened.serverInfo().name()).isEqualTo("code-interpreter");
        assertThat(opened.instructions()).contains("run_python");
    }

    @AfterAll
    static void disconnect() {
        client.close();
        service.engine().awaitNone(Duration.ofSeconds(10));
    }

    @Test
    void listsTheToolsAndPings() {
        assertThat(client.listTools().tools())
                .hasSize(9)
                .allSatisfy(tool -> assertThat(tool.inputSchema()).isNotNull());
        assertThat(client.ping()).isNotNull();
        assertThat(client.listResourceTemplates().resourceTemplates()).hasSize(2);
    }

    @Test
    void hearsOfTheProgressOfARun() {
        PROGRESS.clear();
        CallToolResult result = client.callTool(CallToolRequest.builder("run_python")
                .arguments(Map.of(
                        "code", "import time\nfor i in range(3):\n  print(i, flush=True)\n  time.sleep(0.6)\n6 * 7"))
                .progressToken("t")
                .build());
        assertThat(json(result).getString("stdout")).isEqualTo("0\n1\n2\n42\n");
        assertThat(PROGRESS)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(progress -> assertThat(progress.progressToken()).isEqualTo("t"));
        assertThat(PROGRESS.stream().map(McpSchema.ProgressNotification::progress))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void keepsASessionWithItsFilesAndSeesItsPlot() {
        String session =
                String.valueOf(structured(call("create_session", Map.of())).get("session_id"));
        call("write_file", Map.of("session_id", session, "path", "data.csv", "content", "a\n1\n2\n"));
        JsonObject run = json(call(
                "run_python",
                Map.of("session_id", session, "code", "import pandas as pd; print(pd.read_csv('data.csv').a.sum())")));
        assertThat(run.getString("stdout")).isEqualTo("3\n");

        CallToolResult plot = call(
                "run_python",
                Map.of(
                        "session_id",
                        session,
                        "code",
                        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.savefig('fig.png')"));
        assertThat(plot.content().get(1)).isInstanceOfSatisfying(McpSchema.ImageContent.class, image -> {
            assertThat(image.mimeType()).isEqualTo("image/png");
            assertThat(image.data()).startsWith("iVBOR");
        });
        assertThat(plot.content().get(2)).isInstanceOfSatisfying(McpSchema.ResourceLink.class, link -> {
            assertThat(link.name()).isEqualTo("fig.png");
            assertThat(client.listResources().resources())
                    .extracting(McpSchema.Resource::uri)
                    .contains(link.uri());
            assertThat(read(link.uri()))
                    .isInstanceOfSatisfying(
                            McpSchema.BlobResourceContents.class,
                            bytes -> assertThat(bytes.blob()).startsWith("iVBOR"));
        });

        assertThat(call("list_files", Map.of("session_id", session)).structuredContent())
                .asString()
                .contains("data.csv", "fig.png");
        assertThat(json(call("read_file", Map.of("session_id", session, "path", "data.csv", "offset", 2)))
                        .getString("text"))
                .isEqualTo("1\n2\n");
        String uri = "code-interpreter://sessions/%s/files/data.csv".formatted(session);
        assertThat(read(uri))
                .isInstanceOfSatisfying(
                        McpSchema.TextResourceContents.class,
                        text -> assertThat(text.text()).isEqualTo("a\n1\n2\n"));
        call("delete_file", Map.of("session_id", session, "path", "data.csv"));
        assertThatThrownBy(() -> read(uri))
                .isInstanceOfSatisfying(
                        McpError.class,
                        error -> assertThat(error.getJsonRpcError().code()).isEqualTo(RpcException.RESOURCE_NOT_FOUND));
        assertThat(structured(call("end_session", Map.of("session_id", session)))
                        .get("ended"))
                .isEqualTo("true");
    }

    @Test
    void isToldOfWrongArgumentsInTheResult() {
        CallToolResult result = client.callTool(CallToolRequest.builder("run_python")
                .arguments(Map.of("cod", ""))
                .build());
        assertThat(result.isError()).isTrue();
        assertThat(result.structuredContent()).isNull();
        assertThat(text(result)).contains("run_python has no argument 'cod'");
    }

    private static CallToolResult call(String tool, Map<String, Object> arguments) {
        CallToolResult result = client.callTool(
                CallToolRequest.builder(tool).arguments(arguments).build());
        assertThat(result.isError()).as(result.toString()).isFalse();
        return result;
    }

    private static McpSchema.ResourceContents read(String uri) {
        return client.readResource(McpSchema.ReadResourceRequest.builder(uri).build())
                .contents()
                .getFirst();
    }

    private static String text(CallToolResult result) {
        return ((McpSchema.TextContent) result.content().getFirst()).text();
    }

    private static JsonObject json(CallToolResult result) {
        return McpClient.parse(text(result));
    }

    /** Members of the structured content, as texts. */
    private static Map<String, String> structured(CallToolResult result) {
        assertThat(result.structuredContent()).isInstanceOf(Map.class);
        Map<String, String> members = new HashMap<>();
        ((Map<?, ?>) result.structuredContent())
                .forEach((name, value) -> members.put(String.valueOf(name), String.valueOf(value)));
        return members;
    }
}
