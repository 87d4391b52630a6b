package dev.codeinterpreter.usage;

import dev.codeinterpreter.error.ServiceException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What other processes have left in a store, as it was at the last {@link #refresh}. An object is read again when it has
 * changed; one that is broken counts as nothing. {@link #sum} may be called from any thread, the rest from one at a time.
 *
 * <p>INVARIANT: {@code objects} has at most {@value Usage#MAX_ROWS} rows in all, and those of a few objects more while
 * they are read; the oldest hour goes first.
 */
final class OtherCounts {
    private static final System.Logger LOG = System.getLogger(OtherCounts.class.getName());
    /** Beyond all names of hours. */
    private static final String END = "~";

    private final Usage usage;
    private final UsageStore store;
    private final String process;
    private final ConcurrentSkipListMap<HourName, ObjectReader.Content> objects = new ConcurrentSkipListMap<>();
    /** Names of objects of which there was a line in the log. */
    private final Set<String> reported = new HashSet<>();

    private int rows;
    private volatile long firstHour = Long.MIN_VALUE;

    /** @param process this one, whose hours are in its memory unless that was too small */
    OtherCounts(Usage usage, UsageStore store, String process) {
        this.usage = usage;
        this.store = store;
        this.process = process;
    }

    /**
     * Reads what has changed in the hours from {@code first} on.
     *
     * @throws ServiceException of the store
     */
    void refresh(long first) {
        List<String> skipped = new ArrayList<>();
        List<UsageStore.Entry> changed = new ArrayList<>();
        Set<HourName> present = new HashSet<>();
        for (UsageStore.Entry entry : store.list(HourName.before(first), END)) {
            Optional<HourName> name = HourName.parse(entry.name());
            if (name.isEmpty()) {
                skipped.add(entry.name());
            } else if (!isOwn(name.get())) {
                present.add(name.get());
                ObjectReader.Content known = objects.get(name.get());
                if (known == null || !known.version().equals(entry.version())) {
                    changed.add(entry);
                }
            }
        }
        for (HourName name :
                List.copyOf(objects.tailMap(new HourName(first, "")).keySet())) {
            if (!present.contains(name)) {
                put(name, ObjectReader.Content.NONE);
            }
        }
        firstHour = Math.min(firstHour, first);
        readNewestFirst(changed, skipped);
        report(skipped);
    }

    /** Forgets the hours before {@code first}. */
    void forgetBefore(long first) {
        List.copyOf(objects.headMap(new HourName(first, "")).keySet())
                .forEach(name -> put(name, ObjectReader.Content.NONE));
    }

    /** Adds to {@code sum} what a tenant has used in other processes in the hours from {@code first} to {@code last}. */
    void sum(String tenant, long first, long last, Totals sum) {
        objects.subMap(new HourName(first, ""), new HourName(last + 1, "")).forEach((name, content) -> {
            Totals row = content.byTenant().get(tenant);
            if (row != null && !isOwn(name)) {
                sum.add(row);
            }
        });
    }

    /** The first hour of which all is known here: those before may have been too much for the heap. */
    long firstHour() {
        return firstHour;
    }

    private boolean isOwn(HourName name) {
        return name.process().equals(process) && usage.has(name.hour());
    }

    private void readNewestFirst(List<UsageStore.Entry> changed, List<String> skipped) {
        try (ObjectReader reader = new ObjectReader(store)) {
            List<UsageStore.Entry> left = changed.reversed();
            while (!left.isEmpty()) {
                List<UsageStore.Entry> some = left.subList(0, Math.min(left.size(), ObjectReader.AT_ONCE));
                left = left.subList(some.size(), left.size());
                reader.read(some).forEach((entry, content) -> {
                    if (!content.isGood()) {
                        skipped.add(entry.name());
                    }
                    HourName name = HourName.parse(entry.name()).orElseThrow();
                    ObjectReader.Content known = objects.get(name);
                    put(name, known != null && content.equals(ObjectReader.Content.UNREAD) ? known.unread() : content);
                });
                if (rows > Usage.MAX_ROWS) {
                    dropOldest();
                    return;
                }
            }
        }
    }

    private void put(HourName name, ObjectReader.Content content) {
        ObjectReader.Content before = content.isGone() ? objects.remove(name) : objects.put(name, content);
        rows += content.rows() - (before == null ? 0 : before.rows());
    }

    private void dropOldest() {
        while (rows > Usage.MAX_ROWS) {
            HourName oldest = objects.firstKey();
            put(oldest, ObjectReader.Content.NONE);
            firstHour = oldest.hour() + 1;
        }
    }

    /** One line, however many they are, and none of those that were in one. */
    private void report(List<String> skipped) {
        List<String> unknown =
                skipped.stream().filter(name -> !reported.contains(name)).toList();
        if (!unknown.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} objects with the usage of other replicas are broken or not ours and are not counted, such as {1}",
                    unknown.size(),
                    unknown.getFirst());
        }
        if (reported.size() > UsageStore.MAX_ENTRIES) {
            reported.clear();
        }
        reported.addAll(unknown);
    }
}
