package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.mcp.message.Message;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.wire.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In which revision a message is, by its body and the headers of its request. */
class ErasTest {
    private static final String V = "io.modelcontextprotocol/protocolVersion";
    private static final String C = "io.modelcontextprotocol/clientCapabilities";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // method | claim | MCP-Protocol-Version | Mcp-Method | Mcp-Name | revision, or code of the error
                "tools/list | - | - | - | - | 2025-03-26",
                "tools/list | - | 2025-03-26 | - | - | 2025-03-26",
                "tools/list | - | 2025-06-18 | - | - | 2025-06-18",
                "tools/list | - | 2025-11-25 | - | - | 2025-11-25",
                "tools/list | - | 2024-11-05 | - | - | -32600",
                "tools/list | - | 1.0 | - | - | -32600",
                "tools/list | - | 2026-07-28 | - | - | -32602",
                "tools/list | - | 2031-01-01 | - | - | -32022",
                "initialize | - | - | - | - | 2025-11-25",
                "initialize | - | 2026-07-28 | - | - | 2025-11-25",
                "initialize | - | nonsense | - | - | 2025-11-25",
                "initialize | 2026-07-28 | 2026-07-28 | initialize | - | 2026-07-28",
                "tools/list | 2026-07-28 | 2026-07-28 | tools/list | - | 2026-07-28",
                "tools/list | 2026-07-28 | 2025-11-25 | tools/list | - | -32020",
                "tools/list | 2026-07-28 | - | tools/list | - | -32020",
                "tools/list | 2026-07-28 | 2026-07-28 | - | - | -32020",
                "tools/list | 2026-07-28 | 2026-07-28 | Tools/list | - | -32020",
                "tools/list | 2025-11-25 | 2025-11-25 | tools/list | - | -32022",
                "tools/list | 2031-01-01 | 2031-01-01 | tools/list | - | -32022",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | n | 2026-07-28",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | =?base64?bg==?= | 2026-07-28",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | =?base64?bg=?= | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | =?base64?bg?= | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | =?base64?/w==?= | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | =?BASE64?bg==?= | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | N | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | \u00e9 | -32020",
                "tools/call | 2026-07-28 | 2026-07-28 | tools/call | - | -32020"
            })
    void followFromTheClaimAndTheHeaders(
            String method,
            @Nullable String claim,
            @Nullable String version,
            @Nullable String methodHeader,
            @Nullable String name,
            String expected) {
        Map<String, Node> params = new LinkedHashMap<>();
        params.put("name", text("n"));
        if (claim != null) {
            params.put("_meta", new Node.Obj(Map.of(V, text(claim), C, new Node.Obj(Map.of()))));
        }
        Message message = Message.of(message(method, new Node.Obj(params)));

        assertThat(outcome(message, version, methodHeader, name)).isEqualTo(expected);
    }

    private static String outcome(
            Message message, @Nullable String version, @Nullable String method, @Nullable String name) {
        try {
            return Eras.of(message, header -> switch (header) {
                        case "MCP-Protocol-Version" -> version;
                        case "Mcp-Method" -> method;
                        default -> name;
                    })
                    .version();
        } catch (RpcException e) {
            return Integer.toString(e.code());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"1 | 1", "-0 | -0", "12345678901234567890 | 12345678901234567890", "1.0 | -32600", "1e2 | -32600"})
    void repeatIntegersAsTheyWereSentAndRefuseFractions(String literal, String expected) {
        Node request =
                new Node.Obj(Map.of("jsonrpc", text("2.0"), "method", text("ping"), "id", new Node.Num(literal)));

        try {
            assertThat(Message.of(request).id()).contains(expected);
        } catch (RpcException e) {
            assertThat(Integer.toString(e.code())).isEqualTo(expected);
        }
    }

    private static Node message(String method, Node params) {
        return new Node.Obj(
                Map.of("jsonrpc", text("2.0"), "id", new Node.Num("1"), "method", text(method), "params", params));
    }

    private static Node text(String value) {
        return new Node.Str(Text.of(value));
    }
}
