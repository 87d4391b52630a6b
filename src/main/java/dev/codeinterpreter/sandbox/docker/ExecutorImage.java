package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.schedule.PeriodicTask;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has the executor image on the engine: pulls it at the start and whenever it has vanished, as PYTHON_EXECUTOR_DOCKER_IMAGE_PULL
 * and PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC say. On a thread of its own, so there is one pull at a time and
 * nobody waits for it. Closing it ends a pull, on the engine too.
 */
final class ExecutorImage implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ExecutorImage.class.getName());

    /** When nothing is left to be done; as good as never. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    /**
     * @param inspect for the question whether it is there
     * @param away between two questions to an engine that does not answer
     * @param firstRetry after a pull that failed; doubled each time
     * @param maxRetry the longest of these
     * @param report between two lines of the log while it is pulled
     * @param silence of the engine during a pull: it says nothing while it tries to reach a registry, five times for each layer
     * @param pull for all of it: 20 GB at 50 Mbit/s
     */
    record Timings(
            Duration inspect,
            Duration away,
            Duration firstRetry,
            Duration maxRetry,
            Duration report,
            Duration silence,
            Duration pull) {
        static final Timings DEFAULT = new Timings(
                Duration.ofSeconds(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                Duration.ofHours(1));
    }

    private final EngineClient engine;
    private final String image;
    private final PullPolicy policy;
    private final Duration watchdog;
    private final RegistryCredentials credentials;
    private final Timings timings;

    /** What clients may know, while it is missing. */
    private volatile String trouble = "";

    private volatile boolean closed;
    private volatile boolean pulling;
    private @Nullable PeriodicTask task;

    // Of the task's thread alone.
    private Duration pause;
    private Duration retry = Duration.ZERO;
    private boolean satisfied;

    ExecutorImage(EngineClient engine, DockerConfig config, RegistryCredentials credentials, Timings timings) {
        this.engine = engine;
        this.image = config.image();
        this.policy = config.pull();
        this.watchdog = config.watchdog();
        this.credentials = credentials;
        this.timings = timings;
        this.pause = timings.away();
    }

    /** Begins, once; what comes after the first call does nothing. */
    synchronized void start() {
        if (task == null && !closed && policy != PullPolicy.NEVER) {
            task = PeriodicTask.nowAndEvery(() -> pause, "docker-image", this::look);
        }
    }

    /** Why it is missing, where that is known, as the end of a sentence about that. */
    String trouble() {
        return trouble;
    }

    boolean isBeingPulled() {
        return pulling;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (task != null) {
            task.close();
        }
    }

    private void look() {
        try {
            if (isPresent() && (satisfied || policy != PullPolicy.ALWAYS)) {
                settle();
                return;
            }
        } catch (BackendException e) {
            // The health check reports that the engine is down.
            LOG.log(System.Logger.Level.DEBUG, "cannot ask the engine for the executor image", e);
            pause = timings.away();
            return;
        }
        pulling = true;
        try {
            pull();
            settle();
        } catch (BackendException e) {
            if (!closed) {
                fail(e);
            }
        } finally {
            pulling = false;
        }
    }

    private void settle() {
        satisfied = true;
        trouble = "";
        retry = Duration.ZERO;
        pause = watchdog.isZero() ? NEVER : watchdog;
    }

    private void fail(BackendException e) {
        Duration next = retry.isZero() ? timings.firstRetry() : retry.multipliedBy(2);
        retry = next.compareTo(timings.maxRetry()) < 0 ? next : timings.maxRetry();
        pause = retry;
        trouble = reason(e);
        LOG.log(
                System.Logger.Level.WARNING,
                "cannot pull the executor image {0}, trying again in {1} s: {2}",
                image,
                Long.toString(retry.toSeconds()),
                e.getMessage());
    }

    private boolean isPresent() throws BackendException {
        try {
            engine.get("/images/%s/json".formatted(image), timings.inspect());
            return true;
        } catch (BackendException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    private void pull() throws BackendException {
        ImageReference reference = ImageReference.of(image);
        LOG.log(System.Logger.Level.INFO, "pulling the executor image {0}", image);
        long start = System.nanoTime();
        PullProgress progress = new PullProgress();
        Map<String, String> headers = authorization(reference.registry());
        long[] reported = {start};
        engine.follow(reference.pullPath(), headers, timings.silence(), timings.pull(), message -> {
            progress.accept(message);
            long now = System.nanoTime();
            if (now - reported[0] > timings.report().toNanos()) {
                reported[0] = now;
                LOG.log(System.Logger.Level.INFO, "pulling the executor image {0}: {1}", image, progress);
            }
        });
        Optional<String> error = progress.error();
        if (error.isPresent()) {
            throw new BackendException(500, error.get(), null);
        }
        if (!isPresent()) {
            throw new BackendException(500, "the engine has pulled it and does not know it", null);
        }
        long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
        LOG.log(
                System.Logger.Level.INFO,
                "pulled the executor image {0} in {1} s: {2}",
                image,
                Long.toString(seconds),
                progress);
    }

    /** A pull without them says best whether they are needed. */
    private Map<String, String> authorization(String registry) {
        try {
            return credentials
                    .header(registry)
                    .map(value -> Map.of("X-Registry-Auth", value))
                    .orElse(Map.of());
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "pulling the executor image without the credentials for {0}: {1}",
                    registry,
                    e.getMessage());
            return Map.of();
        }
    }

    /** The engine has no better words for it than those of the registry, which stay in the log. */
    private static String reason(BackendException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("authentication required") || text.contains("no basic auth credentials")) {
            return "the registry does not accept our credentials, or asks for some";
        }
        if (e.isNotFound() || text.contains("manifest unknown") || text.contains("not found")) {
            return "the registry has no such image, or asks for credentials";
        }
        return "the registry cannot be reached, or failed";
    }
}
