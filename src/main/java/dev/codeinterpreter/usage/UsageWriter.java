package dev.codeinterpreter.usage;

import dev.codeinterpreter.error.ServiceException;
import java.util.List;

/** Leaves what this process has counted in a store, an object for each hour, and takes away what is too old. */
final class UsageWriter {
    private final Usage usage;
    private final UsageStore store;
    private final String process;
    private long reaped = Long.MIN_VALUE;

    /** @param process which no other process has, nor has had */
    UsageWriter(Usage usage, UsageStore store, String process) {
        this.usage = usage;
        this.store = store;
        this.process = process;
    }

    /**
     * Writes the hours that have changed.
     *
     * @throws ServiceException of the store; what was not written is by a later call
     */
    synchronized void write() {
        for (long hour : usage.changed()) {
            boolean written = false;
            try {
                store.write(new HourName(hour, process).text(), HourObject.write(usage.takeChanged(hour)));
                written = true;
            } finally {
                if (!written) {
                    usage.giveBack(hour);
                }
            }
        }
    }

    /**
     * Deletes what any process has left that no one counts any more, once an hour.
     *
     * @throws ServiceException of the store
     */
    synchronized void reap() {
        long hour = HourName.hourOf(usage.now());
        if (hour == reaped) {
            return;
        }
        List<String> old = store.list("", HourName.before(hour - Usage.KEPT_HOURS)).stream()
                .map(UsageStore.Entry::name)
                .filter(name -> HourName.parse(name).isPresent())
                .toList();
        if (!old.isEmpty()) {
            store.delete(old);
        }
        reaped = hour;
    }
}
