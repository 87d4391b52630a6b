package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A directory or file of the engine's host, or a volume of the engine, that every program may read: {@code --volume
 * /data:/data:ro}, {@code --mount type=volume,src=models,dst=/models,readonly}.
 *
 * <p>Read-only says nothing about sockets and pipes: what every user may write to there, a program may. So the places where
 * a host has its own are refused, and what is mounted below a source is left out ({@code NonRecursive}): engines before 25
 * would give that to be written to.
 *
 * @param isVolume whether {@code source} is the name of a volume and not a path
 * @param target an absolute path in the sandbox, none of those that the service has for itself
 */
record ReadOnlyMount(boolean isVolume, String source, String target) {
    private static final Pattern VOLUME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}");

    /** Of the host: sockets of the engine and of services, devices, the kernel's files, secrets of other containers. */
    private static final List<Path> HOST = paths(
            "/boot",
            "/dev",
            "/proc",
            "/run",
            "/sys",
            "/var/lib/containerd",
            "/var/lib/containers",
            "/var/lib/docker",
            "/var/lib/kubelet",
            "/var/run");

    /** Of a sandbox: what the service mounts, collects and hides. */
    private static final List<Path> SANDBOX = paths("/dev", "/proc", "/sys", "/tmp", "/workspace");

    /** @param text {@code source:target:ro} */
    static ReadOnlyMount ofVolume(String option, String text) {
        String[] parts = text.split(":", -1);
        String what = option + " " + text;
        if (parts.length == 2 || (parts.length == 3 && !parts[2].equals("ro"))) {
            throw new IllegalArgumentException(
                    "%s is not accepted: only what ends with :ro and no other option".formatted(what));
        }
        if (parts.length != 3) {
            throw new IllegalArgumentException("%s is not like /data:/data:ro".formatted(what));
        }
        return of(what, parts[0].startsWith("/"), parts[0], parts[1]);
    }

    /** @param text {@code type=bind,source=/data,target=/data,readonly} */
    static ReadOnlyMount ofMount(String text) {
        String what = "--mount " + text;
        String type = "volume";
        String source = "";
        String target = "";
        boolean isReadOnly = false;
        for (String field : text.split(",", -1)) {
            String[] keyAndValue = field.split("=", 2);
            String value = keyAndValue.length < 2 ? "" : keyAndValue[1];
            switch (keyAndValue[0].toLowerCase(Locale.ROOT)) {
                case "type" -> type = value;
                case "source", "src" -> source = value;
                case "target", "dst", "destination" -> target = value;
                case "readonly", "ro" ->
                    isReadOnly = keyAndValue.length < 2 || value.equals("true") || value.equals("1");
                default ->
                    throw new IllegalArgumentException(
                            "%s is not accepted: only type, source, target and readonly, not %s"
                                    .formatted(what, keyAndValue[0]));
            }
        }
        if (!isReadOnly) {
            throw new IllegalArgumentException("%s is not accepted: only with readonly".formatted(what));
        }
        if (!type.equals("bind") && !type.equals("volume")) {
            throw new IllegalArgumentException("%s is not accepted: only the types bind and volume".formatted(what));
        }
        return of(what, type.equals("bind"), source, target);
    }

    private static ReadOnlyMount of(String what, boolean isPath, String source, String target) {
        Path inside = absolute(what, target);
        if (inside.getNameCount() == 0 || SANDBOX.stream().anyMatch(inside::startsWith)) {
            throw new IllegalArgumentException("%s is not accepted: %s is the sandbox's own".formatted(what, inside));
        }
        if (!isPath) {
            if (!VOLUME.matcher(source).matches()) {
                throw new IllegalArgumentException(
                        "%s is not accepted: '%s' is neither an absolute path nor the name of a volume"
                                .formatted(what, source));
            }
            return new ReadOnlyMount(true, source, inside.toString());
        }
        Path outside = absolute(what, source);
        if (outside.toString().endsWith(".sock")
                || HOST.stream().anyMatch(host -> outside.startsWith(host) || host.startsWith(outside))) {
            throw new IllegalArgumentException(
                    "%s is not accepted: %s holds sockets, devices or secrets of the host".formatted(what, outside));
        }
        return new ReadOnlyMount(false, outside.toString(), inside.toString());
    }

    JsonObjectBuilder json() {
        JsonObjectBuilder mount = Json.createObjectBuilder()
                .add("Type", isVolume ? "volume" : "bind")
                .add("Source", source)
                .add("Target", target)
                .add("ReadOnly", true);
        return isVolume
                // Nothing of the image is written into a volume that is still empty.
                ? mount.add("VolumeOptions", Json.createObjectBuilder().add("NoCopy", true))
                : mount.add(
                        "BindOptions",
                        Json.createObjectBuilder()
                                .add("Propagation", "rprivate")
                                .add("NonRecursive", true));
    }

    private static Path absolute(String what, String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("%s is not accepted: '%s' is no absolute path".formatted(what, text));
        }
        return path.normalize();
    }

    private static List<Path> paths(String... names) {
        return List.of(names).stream().map(Path::of).toList();
    }
}
