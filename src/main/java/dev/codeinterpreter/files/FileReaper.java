package dev.codeinterpreter.files;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Takes expired files out of the store, a tenth of their lifetime late at most. */
@SingleInstance
class FileReaper {
    /** A scan reads a directory of up to 100,000 files: not more often, however short they live. */
    private static final Duration MIN_PERIOD = Duration.ofSeconds(1);
    /** What is expired fills the disk: not later, however long they live. */
    private static final Duration MAX_PERIOD = Duration.ofMinutes(1);

    private final FileStore store;
    private final FilesConfig config;
    private @Nullable PeriodicTask task;

    @Inject
    FileReaper(FileStore store, FilesConfig config) {
        this.store = store;
        this.config = config;
    }

    static Duration period(Duration timeToLive) {
        Duration tenth = timeToLive.dividedBy(10);
        if (tenth.compareTo(MIN_PERIOD) < 0) {
            return MIN_PERIOD;
        }
        return tenth.compareTo(MAX_PERIOD) > 0 ? MAX_PERIOD : tenth;
    }

    /**
     * Opens the store with the service and not with its first request: a directory in use stops the start. A store that does
     * not answer does not.
     */
    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        long _ = store.fileCount();
        // Jitter: replicas that started together do not go to a shared disk together.
        double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        Duration pause =
                Duration.ofMillis(Math.round(period(config.timeToLive()).toMillis() * jitter));
        task = PeriodicTask.nowAndEvery(pause, "file-reaper", store::reap);
    }

    void shutDown(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (task != null) {
            task.close();
            store.close();
        }
    }
}
