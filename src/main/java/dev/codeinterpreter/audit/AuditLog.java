package dev.codeinterpreter.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes a line for each request that is worth one, and writes it on a thread of its own. A request waits for nothing here:
 * where the disk is full, read-only or slow, lines are lost and counted.
 */
@SingleInstance
public class AuditLog {
    private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());

    /** Lines have some 500 bytes. */
    private static final int MAX_WAITING = 10_000;

    private static final long MAX_FILE_BYTES = 100L << 20;
    private static final int KEPT_FILES = 5;
    /** That the lines which wait have, when the service stops. */
    private static final Duration SHUTDOWN = Duration.ofSeconds(5);
    /** Tells the writer to end. */
    private static final byte[] END = {};

    private final boolean enabled;
    private final AuditSink sink;
    private final Clock clock;
    private final Duration shutdown;
    private final BlockingQueue<byte[]> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private boolean failing;
    private @Nullable Thread writer;

    @Inject
    AuditLog(AuditConfig config, Clock clock) {
        this(
                config.enabled(),
                config.file()
                        .<AuditSink>map(file -> new RotatedFile(file, MAX_FILE_BYTES, KEPT_FILES))
                        .orElseGet(StandardError::new),
                clock,
                SHUTDOWN);
    }

    /** @param shutdown that the lines which wait have at the end, twice at most */
    AuditLog(boolean enabled, AuditSink sink, Clock clock, Duration shutdown) {
        this.enabled = enabled;
        this.sink = sink;
        this.clock = clock;
        this.shutdown = shutdown;
    }

    public boolean isEnabled() {
        return enabled;
    }

    /** Lines that were not written. */
    public long lost() {
        return lost.get();
    }

    /**
     * Writes a line later, if the request is worth one.
     *
     * @param address of the client's end of the connection
     * @param status of the answer
     */
    public void record(RequestNotes notes, String address, int status) {
        if (enabled && AuditLine.isWorthOne(notes, status)) {
            byte[] line = (AuditLine.of(notes, address, status, clock.instant()) + "\n").getBytes(UTF_8);
            if (!waiting.offer(line)) {
                lost.incrementAndGet();
            }
        }
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        if (enabled) {
            writer = Thread.ofPlatform().daemon().name("audit").start(this::write);
        }
    }

    /** What waits is written first, unless that takes too long. */
    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        if (writer == null) {
            return;
        }
        try {
            if (!waiting.offer(END, shutdown.toMillis(), TimeUnit.MILLISECONDS) || !writer.join(shutdown)) {
                lost.addAndGet(waiting.size());
                writer.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try (sink) {
            for (byte[] line = waiting.take(); line.length > 0; line = waiting.take()) {
                write(line);
            }
        } catch (InterruptedException e) {
            // Only stop() does that.
            Thread.currentThread().interrupt();
        }
    }

    private void write(byte[] line) {
        try {
            sink.write(line);
            if (failing) {
                LOG.log(System.Logger.Level.INFO, "the audit log can be written again, {0} lines are lost", lost);
            }
            failing = false;
        } catch (IOException | RuntimeException e) {
            lost.incrementAndGet();
            if (!failing) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "the audit log cannot be written, its lines are lost: {0}",
                        e.toString());
            }
            failing = true;
        }
    }

    private static final class StandardError implements AuditSink {
        @Override
        public void write(byte[] line) {
            System.err.write(line, 0, line.length);
            System.err.flush();
        }

        @Override
        public void close() {
            // It is the process's.
        }
    }
}
