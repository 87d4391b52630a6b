package dev.codeinterpreter.usage;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.schedule.PeriodicTask;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Leaves what this process counts where other replicas find it, and knows what they have left, so that usage is that of all
 * of them and outlives each. What is counted waits for none of it: where the store does not answer, counts stay in memory
 * until it does.
 */
@SingleInstance
class UsageExchange {
    private static final System.Logger LOG = System.getLogger(UsageExchange.class.getName());
    /** After whatever else ends with the service, as it may count. */
    private static final int LATE = 4000;

    private final Usage usage;
    private final UsagePlace place;
    private final UsageTimings timings;
    private volatile @Nullable Open open;
    private boolean failing;

    /** With a store. */
    private record Open(UsageStore store, UsageWriter writer, FreshCounts others) {}

    private @Nullable PeriodicTask task;

    @Inject
    UsageExchange(Usage usage, UsagePlace place, UsageTimings timings) {
        this.usage = usage;
        this.place = place;
        this.timings = timings;
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        place.open().ifPresent(this::start);
    }

    void start(UsageStore store) {
        // One for each run of the service: what an earlier one has left is another's.
        String process = UUID.randomUUID().toString();
        Open opened = new Open(
                store,
                new UsageWriter(usage, store, process),
                new FreshCounts(new OtherCounts(usage, store, process), usage, timings));
        open = opened;
        task = PeriodicTask.every(timings.write(), "usage-writer", () -> write(opened.writer()));
    }

    /** The web server has stopped by now. What has changed is written first, unless that takes too long. */
    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) @Priority(LATE) Object event) {
        Open opened = open;
        if (opened == null || task == null) {
            return;
        }
        task.close();
        Thread last = Thread.ofPlatform().daemon().name("usage-last").start(() -> write(opened.writer()));
        try {
            if (!last.join(timings.shutdown())) {
                LOG.log(System.Logger.Level.WARNING, "the last usage of this replica was not stored in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        opened.others().close();
        opened.store().close();
    }

    /**
     * What a tenant has used in the hours that begin from {@code since} on and before {@code until}; of the hour in which
     * {@code since} is, all. Of all replicas, unless there is no store or it does not answer.
     *
     * @param since empty: from the first hour that is known
     */
    UsageResponse report(String tenant, Optional<Instant> since, Instant until) {
        Open opened = open;
        boolean all = opened != null && opened.others().areKnown();
        Instant now = usage.now();
        long known = all ? HourName.hourOf(now) - Usage.KEPT_HOURS : HourName.hourOf(usage.start());
        long first = since.map(HourName::hourOf).orElse(known);
        long last = HourName.hourOf(until.minusNanos(1));
        Totals sum = new Totals();
        if (first <= last) {
            usage.sum(tenant, first, last, sum);
        }
        if (opened == null || !all) {
            long counted = Math.max(HourName.begin(first), usage.start().getEpochSecond());
            return sum.response(tenant, counted, until.getEpochSecond(), "process");
        }
        OtherCounts others = opened.others().counts();
        if (first <= last) {
            others.sum(tenant, first, last, sum);
        }
        long counted = HourName.begin(Math.max(first, Math.max(known, others.firstHour())));
        return sum.response(tenant, counted, until.getEpochSecond(), "replicas");
    }

    private synchronized void write(UsageWriter writer) {
        try {
            writer.write();
            writer.reap();
            if (failing) {
                LOG.log(System.Logger.Level.INFO, "the usage of this replica can be stored again");
            }
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the usage of this replica cannot be stored and waits in memory",
                        e);
            }
            failing = true;
        }
    }
}
