package dev.codeinterpreter.harness;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How a container is set up, from what Docker's inspect says. */
final class DockerSettings {
    /** Of one version or of one machine, or told elsewhere: the whole profile would hide the rest. */
    private static final Set<String> UNWANTED = Set.of(
            "ConsoleSize",
            "ContainerIDFile",
            "Isolation",
            "KernelMemoryTCP",
            "MemorySwappiness",
            "VolumeDriver",
            "Cmd",
            "OnBuild");

    private DockerSettings() {}

    static String text(JsonObject container) {
        String uid = container.getJsonObject("Config").getString("User").split(":", 2)[0];
        JsonObject chosen = Json.createObjectBuilder()
                .add("Config", container.getJsonObject("Config"))
                .add("HostConfig", container.getJsonObject("HostConfig"))
                .add("Mounts", container.get("Mounts"))
                .add(
                        "Networks",
                        Json.createArrayBuilder(container
                                .getJsonObject("NetworkSettings")
                                .getJsonObject("Networks")
                                .keySet()))
                .add("Profiles", container.getString("AppArmorProfile"))
                .build();
        JsonObject labelled =
                withOwnLabels(Settings.normal(chosen, Settings.NOTHING, UNWANTED, text -> normal(text, uid)));
        return withOnePciBus(Settings.pretty(labelled)).replace("; SCMP", "\n                SCMP");
    }

    /** Of the 256 numbers that are hidden the first, which says as much. */
    private static String withOnePciBus(String text) {
        return text.replaceAll("\\s*\"/sys/devices/pci0000:(?!00)[0-9a-f]{2}\",", "");
    }

    static List<String> openLocks(JsonObject container) {
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

    private static String normal(String text, String uid) {
        if (text.equals(System.getProperty("docker.runtime"))) {
            return "runc"; // As asked for.
        }
        if (text.startsWith("seccomp={")) {
            return "seccomp=" + calls(text.substring("seccomp=".length()));
        }
        return text.equals(uid + ":" + uid)
                ? "UID:UID"
                : text.replace("uid=" + uid, "uid=UID").replace("gid=" + uid, "gid=UID");
    }

    /** The profile in short: what happens to which call, however a condition may read. */
    private static String calls(String profile) {
        try (JsonReader reader = Json.createReader(new StringReader(profile))) {
            JsonObject json = reader.readObject();
            String rules = json.getJsonArray("syscalls").getValuesAs(JsonObject.class).stream()
                    .map(rule -> "%s%s %s"
                            .formatted(
                                    rule.getString("action"),
                                    rule.containsKey("args") ? rule.get("args") : "",
                                    rule.getJsonArray("names").getValuesAs(JsonString::getString).stream()
                                            .sorted()
                                            .collect(Collectors.joining(","))))
                    .collect(Collectors.joining("; "));
            return json.getString("defaultAction") + "; " + rules;
        }
    }

    /** Most labels have another value for each sandbox. */
    private static JsonObject withOwnLabels(JsonObject settings) {
        JsonObject config = settings.getJsonObject("Config");
        var labels = Json.createObjectBuilder();
        config.getJsonObject("Labels").forEach((name, value) -> {
            boolean own = !Set.of("code-interpreter.component", "code-interpreter.role")
                    .contains(name);
            labels.add(name, own ? Json.createValue("ITS OWN") : value);
        });
        return Json.createObjectBuilder(settings)
                .add("Config", Json.createObjectBuilder(config).add("Labels", labels))
                .build();
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
