package dev.codeinterpreter.harness;

import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Looks at a living sandbox and refuses to let anything hostile into one that is not locked. */
public final class Guard {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Guard() {}

    /** @throws AssertionError naming every lock that is open */
    public static void check(ServiceProcess service) throws IOException {
        Program sleeper = Program.of("import time; time.sleep(60)").timeoutMs(60_000);
        JsonObject container;
        try (Socket _ = service.api().begin(sleeper)) {
            container = ((DockerEngine) service.engine()).describeRunning(PATIENCE);
        }
        service.engine().awaitNone(PATIENCE);
        List<String> open = openLocks(container);
        if (!open.isEmpty()) {
            throw new AssertionError("no hostile program will run, these locks are open: " + open);
        }
    }

    private static List<String> openLocks(JsonObject container) {
        JsonObject config = container.getJsonObject("Config");
        JsonObject host = container.getJsonObject("HostConfig");
        List<String> open = new ArrayList<>();
        require(number(host, "PidsLimit") > 0, "PidsLimit", open);
        require(number(host, "Memory") > 0, "Memory", open);
        require(number(host, "MemorySwap") == number(host, "Memory"), "MemorySwap", open);
        require(number(host, "NanoCpus") > 0, "NanoCpus", open);
        require(host.getString("NetworkMode").equals("none"), "NetworkMode", open);
        require(host.getBoolean("ReadonlyRootfs"), "ReadonlyRootfs", open);
        require(list(host, "CapDrop").equals(List.of("ALL")), "CapDrop", open);
        require(list(host, "CapAdd").isEmpty(), "CapAdd", open);
        require(!host.getBoolean("Privileged"), "Privileged", open);
        require(list(host, "Binds").isEmpty(), "Binds", open);
        require(list(host, "Devices").isEmpty(), "Devices", open);
        require(list(host, "SecurityOpt").contains("no-new-privileges:true"), "no-new-privileges", open);
        require(list(host, "SecurityOpt").stream().anyMatch(option -> option.startsWith("seccomp={")), "seccomp", open);
        require(!Set.of("", "0", "root").contains(config.getString("User").split(":", 2)[0]), "User", open);
        for (String namespace : List.of("PidMode", "IpcMode", "UTSMode", "UsernsMode")) {
            require(!host.getString(namespace).equals("host"), namespace, open);
        }
        require(host.getJsonObject("LogConfig").getString("Type").equals("none"), "LogConfig", open);
        require(config.getJsonObject("Labels").containsKey("code-interpreter.instance"), "Labels", open);
        return open;
    }

    private static void require(boolean locked, String name, List<String> open) {
        if (!locked) {
            open.add(name);
        }
    }

    private static long number(JsonObject object, String name) {
        return object.getJsonNumber(name).longValue();
    }

    /** The engine says null for an empty list. */
    private static List<String> list(JsonObject object, String name) {
        JsonArray values = object.getOrDefault(name, JsonValue.NULL) instanceof JsonArray array
                ? array
                : JsonValue.EMPTY_JSON_ARRAY;
        return values.stream()
                .map(value -> value instanceof JsonString text ? text.getString() : value.toString())
                .toList();
    }
}
