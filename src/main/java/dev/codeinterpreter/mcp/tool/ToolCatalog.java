package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Params;
import dev.codeinterpreter.mcp.message.Printable;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.message.Task;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.wire.Node;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Which tools there are, as a client lists them; the same list in the same order for as long as the process lives. */
@SingleInstance
public class ToolCatalog {
    /** Of what runs something, where MAX_EXEC_TIMEOUT_MS allows. */
    static final int TIMEOUT_MS = 30_000;

    private final Map<String, Entry> byName = new LinkedHashMap<>();
    private final byte[] list;
    private final String instructions;
    private final ToolCalls calls;

    private record Entry(Tool tool, ArgumentSchema schema) {}

    /** A call whose arguments have been checked. */
    public record Prepared(boolean reportsProgress, Task task) {}

    @Inject
    ToolCatalog(
            @Any Instance<Tool> tools, ToolCalls calls, RunConfig runs, FilesConfig files, BackendSelection selection) {
        this.calls = calls;
        JsonArray definitions =
                definitions(runs, files, selection.backend().traits().isolatesNetwork());
        Map<String, Tool> beans = tools.stream().collect(Collectors.toMap(Tool::name, Function.identity()));
        for (JsonObject definition : definitions.getValuesAs(JsonObject.class)) {
            String name = definition.getString("name");
            Tool tool = beans.get(name);
            if (tool == null) {
                throw new IllegalStateException("no tool is called " + name);
            }
            byName.put(name, new Entry(tool, new ArgumentSchema(name, definition.getJsonObject("inputSchema"))));
        }
        list = definitions.toString().getBytes(UTF_8);
        instructions = Json.createValue(
                        instructions(files, selection.backend().traits().isolatesNetwork()))
                .toString();
    }

    /** All definitions, as JSON; not to be changed. */
    public byte[] list() {
        return list;
    }

    /** For the model's system prompt, as JSON. */
    public String instructions() {
        return instructions;
    }

    /** In the order of the list. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /**
     * @param params of {@code tools/call}; of its arguments the task keeps what it needs
     * @throws RpcException INVALID_PARAMS when that is no call of a tool that there is
     */
    public Prepared prepare(Params params) {
        String name = params.string("name")
                .orElseThrow(() -> RpcException.invalidParams("params.name must be the name of a tool"));
        Entry entry = byName.get(name);
        if (entry == null) {
            throw RpcException.invalidParams("Unknown tool: " + Printable.cut(name));
        }
        Map<String, Node> arguments = params.get("arguments")
                .map(node -> {
                    if (node == Node.Constant.NULL) {
                        return Map.<String, Node>of();
                    }
                    if (node instanceof Node.Obj(Map<String, Node> members)) {
                        return members;
                    }
                    throw RpcException.invalidParams("params.arguments must be an object");
                })
                .orElse(Map.of());
        List<String> errors = entry.schema().check(arguments);
        return errors.isEmpty()
                ? new Prepared(
                        entry.tool().reportsProgress(), call -> calls.run(entry.tool(), new Arguments(arguments), call))
                : new Prepared(false, call -> calls.refuse(entry.tool(), String.join(" ", errors)));
    }

    private static JsonArray definitions(RunConfig runs, FilesConfig files, boolean isolated) {
        long maxTimeout = runs.maxTimeout().toMillis();
        String text = resource()
                .replace("@MAX_TIMEOUT_MS@", Long.toString(maxTimeout))
                .replace("@TIMEOUT_MS@", Long.toString(Math.min(TIMEOUT_MS, maxTimeout)))
                .replace("@MAX_FILES@", Integer.toString(runs.maxStagedFiles()))
                .replace("@FILE_TTL@", words(files.timeToLive()))
                .replace("@OPEN@", Boolean.toString(!isolated))
                .replace(
                        "@NETWORK_AND_PIP@",
                        isolated ? "there is no network and no pip" : "there is a network, and no pip")
                .replace("@NETWORK@", isolated ? "No network" : "There is a network");
        return Json.createReader(new StringReader(text)).readArray();
    }

    private static String instructions(FilesConfig files, boolean isolated) {
        return "Runs code in isolated Linux sandboxes%s. For one calculation call run_python. For several steps that build on"
                        .formatted(isolated ? " without network" : "")
                + " each other call create_session once, pass its session_id to every call, and end_session when done. Files"
                + " that a run leaves come back with a file_id, valid for %s; give it to later calls to use the file again."
                        .formatted(words(files.timeToLive()))
                + " Pictures are shown to you; other files reach the user as links.";
    }

    /** As a person says it. */
    static String words(Duration time) {
        long seconds = time.toSeconds();
        if (seconds % 3600 == 0 && seconds > 0) {
            return seconds == 3600 ? "one hour" : seconds / 3600 + " hours";
        }
        return seconds % 60 == 0 && seconds > 60 ? seconds / 60 + " minutes" : seconds + " seconds";
    }

    private static String resource() {
        try (InputStream in = ToolCatalog.class.getResourceAsStream("tools.json")) {
            if (in == null) {
                throw new IllegalStateException("tools.json is not in the jar");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
