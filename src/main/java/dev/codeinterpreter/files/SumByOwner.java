package dev.codeinterpreter.files;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** How much of something each owner has, such as bytes. Safe for use by many threads. */
public final class SumByOwner {
    private final AtomicLong total = new AtomicLong();
    /** Only owners of some. */
    private final Map<Owner, Long> byOwner = new ConcurrentHashMap<>();

    /** @param amount negative for less */
    public void add(Owner owner, long amount) {
        total.addAndGet(amount);
        byOwner.compute(owner, (key, sum) -> {
            long changed = (sum == null ? 0 : sum) + amount;
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
