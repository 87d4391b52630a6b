package dev.codeinterpreter.storage;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of the heap that may be held at a time by all who share the budget. Without a lock: every request passes here. */
public final class ByteBudget {
    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();

    /** A budget of {@code maxBytes}, nothing of it used. */
    public ByteBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Takes {@code bytes}, all or none of them; what was taken is to be released exactly once. */
    public boolean tryTake(long bytes) {
        if (used.addAndGet(bytes) <= maxBytes) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    public void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /** Bytes that are taken now. */
    public long used() {
        return used.get();
    }
}
