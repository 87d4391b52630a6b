package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers that nobody is going to remove: those whose removal the engine has not confirmed because it was down or hung,
 * and those that a killed service of ours had created and not yet started (a started one ends with its service). Nothing
 * runs in them; this is about the names and the disk that they hold.
 */
final class OrphanReaper implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(OrphanReaper.class.getName());
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** Far longer than any launch takes: what is not started in two scans in a row never will be. */
    private static final Duration SCAN_PERIOD = Duration.ofSeconds(30);

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Every container of ours that does not run. Those of other services of ours on the engine are among them. */
    private static final String NOT_RUNNING = "/containers/json?all=true&filters="
            + URLEncoder.encode(
                    Json.createObjectBuilder()
                            .add(
                                    "label",
                                    Json.createArrayBuilder()
                                            .add(ContainerSpecs.COMPONENT_LABEL + "=" + ContainerSpecs.COMPONENT))
                            .add(
                                    "status",
                                    Json.createArrayBuilder()
                                            .add("created")
                                            .add("exited")
                                            .add("dead"))
                            .build()
                            .toString(),
                    UTF_8);

    private final EngineClient engine;
    private final Set<String> unconfirmed = ConcurrentHashMap.newKeySet();
    private final PeriodicTask retries;
    private final PeriodicTask scans;
    private Set<String> seenLastTime = Set.of();

    OrphanReaper(EngineClient engine) {
        this.engine = engine;
        this.retries = PeriodicTask.every(RETRY, "docker-orphans-retry", () -> unconfirmed.removeIf(this::isGone));
        this.scans = PeriodicTask.nowAndEvery(SCAN_PERIOD, "docker-orphan-scan", this::look);
    }

    void add(SandboxId id) {
        LOG.log(System.Logger.Level.DEBUG, "removal of {0} is not confirmed, trying again in the background", id);
        unconfirmed.add(id.value());
    }

    @Override
    public void close() {
        scans.close();
        retries.close();
    }

    private void look() {
        Set<String> seen = new HashSet<>();
        try {
            for (JsonValue container : engine.list(NOT_RUNNING, TIMEOUT)) {
                seen.add(((JsonObject) container).getString("Id"));
            }
        } catch (EngineException e) {
            // The health check says that the engine is down; here it only means to look again later.
            LOG.log(System.Logger.Level.DEBUG, "cannot look for leftovers", e);
        }
        Set<String> stale = new HashSet<>(seen);
        stale.retainAll(seenLastTime);
        if (!stale.isEmpty()) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "removing {0} containers that a service of ours left behind",
                    stale.size());
            unconfirmed.addAll(stale);
        }
        seenLastTime = seen;
    }

    private boolean isGone(String container) {
        try {
            engine.delete("/containers/%s?force=true&v=true".formatted(container), TIMEOUT);
            return true;
        } catch (EngineException e) {
            return e.isNotFound();
        }
    }
}
