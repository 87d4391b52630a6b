package dev.codeinterpreter.metrics;

import dev.codeinterpreter.files.FileStorage;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.metrics.Counter;
import org.eclipse.microprofile.metrics.Metadata;
import org.eclipse.microprofile.metrics.MetricRegistry;
import org.eclipse.microprofile.metrics.MetricUnits;
import org.eclipse.microprofile.metrics.Tag;
import org.eclipse.microprofile.metrics.Timer;

/** Of operations on the file store, by store and operation. */
@ApplicationScoped // and so made when something is to be counted: Helidon has to make its own registry first
class FileStoreMetrics implements FileStoreListener {
    private static final Metadata TIME =
            Names.of("store_operation", "Time of operations on the file store", MetricUnits.SECONDS);
    private static final Metadata FAILED =
            Names.of("store_operations_failed", "Operations on the file store that failed by a fault of it");
    private static final Metadata BYTES =
            Names.of("store_operation_bytes", "Bytes of files that were written, or opened to be read");

    private final MetricRegistry registry;
    /** Found once, as each buffer of a file is an operation. */
    private final Map<Kind, Series> known = new ConcurrentHashMap<>();

    private record Kind(FileStorage storage, Operation operation) {}

    private record Series(Timer time, Counter failed, Counter bytes) {}

    @Inject
    FileStoreMetrics(MetricRegistry registry) {
        this.registry = registry;
    }

    /** Makes every series of the store that is used, so that they are zero and not absent before they count. */
    public void register(FilesConfig config) {
        for (Operation operation : Operation.values()) {
            Series _ = series(config.storage(), operation);
        }
    }

    @Override
    public void done(FileStorage storage, Operation operation, Duration took, boolean failed, long bytes) {
        Series series = series(storage, operation);
        series.time.update(took);
        if (failed) {
            series.failed.inc();
        }
        if (bytes > 0) {
            series.bytes.inc(bytes);
        }
    }

    private Series series(FileStorage storage, Operation operation) {
        return known.computeIfAbsent(new Kind(storage, operation), kind -> {
            Tag[] tags = Names.tags(
                    "store", storage.label(), "operation", operation.name().toLowerCase(Locale.ROOT));
            return new Series(
                    registry.timer(TIME, tags), registry.counter(FAILED, tags), registry.counter(BYTES, tags));
        });
    }
}
