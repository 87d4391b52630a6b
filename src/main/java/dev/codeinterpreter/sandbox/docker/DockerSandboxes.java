package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSummary;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The sandboxes on the engine, of all services. What they are is in their containers' labels and nowhere else, so any
 * process of ours serves any session. A container is ours by its labels, never by its name alone.
 */
final class DockerSandboxes {
    static final String RUNNING = "/containers/json?filters=" + filters();

    /** A started container ends with its service; one that was not yet started stays. */
    private static final String NOT_RUNNING =
            "/containers/json?all=true&filters=" + filters("created", "exited", "dead");

    private final EngineClient engine;
    private final OrphanReaper orphans;

    DockerSandboxes(EngineClient engine, OrphanReaper orphans) {
        this.engine = engine;
        this.orphans = orphans;
    }

    /** Of the containers that no service removes. */
    static OrphanReaper reaper(EngineClient engine) {
        return new OrphanReaper(
                "docker", engine.timings().scan(), () -> notRunning(engine), container -> isRemoved(engine, container));
    }

    private static Set<String> notRunning(EngineClient engine) throws BackendException {
        return engine.list(NOT_RUNNING, engine.timings().call()).stream()
                .map(container -> container.asJsonObject().getString("Id"))
                .collect(Collectors.toSet());
    }

    private static boolean isRemoved(EngineClient engine, String container) {
        try {
            engine.delete(
                    "/containers/%s?force=true&v=true".formatted(container),
                    engine.timings().call());
            return true;
        } catch (BackendException e) {
            return e.isNotFound();
        }
    }

    /** Containers of ours; of any state without {@code statuses}. */
    private static String filters(String... statuses) {
        JsonObjectBuilder filters = Json.createObjectBuilder()
                .add("label", Json.createArrayBuilder().add(SandboxLabels.COMPONENT + "=" + SandboxLabels.SANDBOX));
        if (statuses.length > 0) {
            filters.add("status", Json.createArrayBuilder(List.of(statuses)));
        }
        return URLEncoder.encode(filters.build().toString(), UTF_8);
    }

    Optional<SandboxChannel> connect(SandboxId id, String tenantLabel, List<String> command) throws BackendException {
        OptionalInt uid = id.isSession() ? uidOfRunning(id, tenantLabel) : OptionalInt.empty();
        if (uid.isEmpty()) {
            return Optional.empty();
        }
        int own = SandboxUids.ofConnector(uid.getAsInt());
        try {
            JsonObject exec = engine.post(
                    "/containers/%s/exec".formatted(id),
                    Json.createObjectBuilder()
                            .add("AttachStdin", true)
                            .add("AttachStdout", true)
                            .add("AttachStderr", true)
                            .add("Cmd", Json.createArrayBuilder(command))
                            // Not the programs' user, so that none of them can look into it. Nor can it enter theirs.
                            .add("User", SandboxUids.user(own))
                            .add("WorkingDir", "/")
                            .build(),
                    engine.timings().call());
            JsonObject start = Json.createObjectBuilder()
                    .add("Detach", false)
                    .add("Tty", false)
                    .build();
            return Optional.of(AttachedChannel.open(
                    engine,
                    "/exec/%s/start".formatted(exec.getString("Id")),
                    start,
                    engine.timings().call()));
        } catch (BackendException e) {
            if ((e.isNotFound() || e.isConflict()) && !isRunning(id, tenantLabel)) {
                // It ended since we looked. What else is not there or in the way is the exec, when a connection broke.
                return Optional.empty();
            }
            throw e;
        }
    }

    boolean remove(SandboxId id, String tenantLabel) throws BackendException {
        if (!isRunning(id, tenantLabel)) {
            return false;
        }
        new DockerSandbox(id, engine, orphans).close();
        return true;
    }

    List<SandboxSummary> list() throws BackendException {
        List<SandboxSummary> sandboxes = new ArrayList<>();
        for (JsonValue value : engine.list(RUNNING, engine.timings().call())) {
            JsonObject container = value.asJsonObject();
            Map<String, String> labels = labels(container);
            String name = container.getJsonArray("Names").getString(0).substring(1);
            SandboxId.parse(name)
                    .filter(id -> SandboxLabels.match(id, labels))
                    .flatMap(id -> SandboxLabels.parseExpiry(labels.get(SandboxLabels.EXPIRES_AT))
                            .map(end -> new SandboxSummary(id, SandboxLabels.tenantOf(labels), end)))
                    .ifPresent(sandboxes::add);
        }
        return sandboxes;
    }

    boolean awaitGone(SandboxId id, Duration timeout) {
        return new DockerSandbox(id, engine, orphans).isRemovedWithin(timeout);
    }

    private boolean isRunning(SandboxId id, String tenantLabel) throws BackendException {
        return uidOfRunning(id, tenantLabel).isPresent();
    }

    /** The programs' uid in a sandbox of ours and of the tenant that runs; nothing when it is none. */
    private OptionalInt uidOfRunning(SandboxId id, String tenantLabel) throws BackendException {
        try {
            JsonObject container = engine.get(
                    "/containers/%s/json".formatted(id), engine.timings().call());
            JsonObject config = container.getJsonObject("Config");
            if (!SandboxLabels.match(id, tenantLabel, labels(config))
                    || !container.getJsonObject("State").getBoolean("Running")) {
                return OptionalInt.empty();
            }
            return SandboxUids.ofUser(config.getString("User", ""));
        } catch (BackendException e) {
            if (e.isNotFound()) {
                return OptionalInt.empty();
            }
            throw e;
        }
    }

    private static Map<String, String> labels(JsonObject of) {
        Map<String, String> labels = new HashMap<>();
        // The list has containers of any origin.
        if (of.get("Labels") instanceof JsonObject given) {
            given.forEach((name, value) -> {
                if (value instanceof JsonString text) {
                    labels.put(name, text.getString());
                }
            });
        }
        return labels;
    }
}
