package dev.codeinterpreter.usage;

import dev.codeinterpreter.error.ServiceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads objects with counts, several at a time: of a bucket each takes 10 ms, and ten replicas leave 7,440 in 31 days. */
final class ObjectReader implements AutoCloseable {
    static final int AT_ONCE = 8;
    /** With as many it is the store that does not answer, and each is waited for. */
    private static final int MAX_FAILURES = AT_ONCE;

    private final UsageStore store;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().name("usage-reader").daemon().factory());
    private int failures;

    /**
     * Of one object.
     *
     * @param version of which it is
     * @param byTenant empty when it is broken
     */
    record Content(String version, Map<String, Totals> byTenant, boolean isGood) {
        /** Of an object that is not there any more. */
        static final Content NONE = new Content("", Map.of(), true);

        /** Of one that the store does not give: with a version that it never has, so that it is asked for again. */
        static final Content UNREAD = new Content("?", Map.of(), false);

        boolean isGone() {
            return version.isEmpty();
        }

        /** The same, to be asked for again. */
        Content unread() {
            return new Content(UNREAD.version, byTenant, false);
        }

        /** What it takes of the heap. */
        int rows() {
            return isGone() ? 0 : Math.max(1, byTenant.size());
        }
    }

    ObjectReader(UsageStore store) {
        this.store = store;
    }

    /**
     * Reads at most {@value #AT_ONCE} objects.
     *
     * @throws ServiceException of the store, when it gives too many not
     */
    Map<UsageStore.Entry, Content> read(List<UsageStore.Entry> entries) {
        List<Callable<Content>> reads = new ArrayList<>();
        entries.forEach(entry -> reads.add(() -> read(entry)));
        Map<UsageStore.Entry, Content> contents = new LinkedHashMap<>();
        try {
            List<Future<Content>> results = threads.invokeAll(reads);
            for (int i = 0; i < entries.size(); i++) {
                contents.put(entries.get(i), contentOf(results.get(i)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the service ends");
        }
        return contents;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private Content read(UsageStore.Entry entry) {
        if (entry.size() == 0 || entry.size() > UsageStore.MAX_BYTES) {
            return new Content(entry.version(), Map.of(), false);
        }
        Optional<byte[]> bytes = store.read(entry.name());
        if (bytes.isEmpty()) {
            return Content.NONE;
        }
        return HourObject.read(bytes.get())
                .map(byTenant -> new Content(entry.version(), byTenant, true))
                .orElseGet(() -> new Content(entry.version(), Map.of(), false));
    }

    private Content contentOf(Future<Content> result) throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            if (++failures >= MAX_FAILURES && e.getCause() instanceof ServiceException failure) {
                throw failure;
            }
            return Content.UNREAD;
        }
    }
}
