package dev.codeinterpreter.files;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes each owner has of something. Safe for use by many threads. */
public final class BytesByOwner {
    private final AtomicLong total = new AtomicLong();
    /** Only owners of some. */
    private final Map<Owner, Long> byOwner = new ConcurrentHashMap<>();

    /** @param bytes negative for less */
    public void add(Owner owner, long bytes) {
        total.addAndGet(bytes);
        byOwner.compute(owner, (key, sum) -> {
            long changed = (sum == null ? 0 : sum) + bytes;
            return changed == 0 ? null : changed;
        });
    }

    /** Of all owners. */
    public long total() {
        return total.get();
    }

    /** Of one. */
    public long of(Owner owner) {
        return byOwner.getOrDefault(owner, 0L);
    }
}
