package dev.codeinterpreter.spool;

import dev.codeinterpreter.storage.ByteBudget;
import dev.codeinterpreter.storage.StorageBudget;
import java.util.Arrays;

/**
 * A byte array that grows from 512 bytes to 64 KiB as far as a budget allows. The first 512 bytes are part of what a
 * connection costs, and not counted.
 */
final class HeapBuffer {
    private static final int FIRST_BYTES = 512;
    private static final int MAX_BYTES = StorageBudget.SMALL_BYTES;

    private final ByteBudget budget;
    private byte[] bytes = new byte[FIRST_BYTES];

    HeapBuffer(ByteBudget budget) {
        this.budget = budget;
    }

    /** The array itself, until the next call that changes its size. */
    byte[] bytes() {
        return bytes;
    }

    int capacity() {
        return bytes.length;
    }

    /** Makes the array twice as long; false when it is as long as it may be. */
    boolean grow() {
        int more = bytes.length;
        if (more + bytes.length > MAX_BYTES || !budget.tryTake(more)) {
            return false;
        }
        bytes = Arrays.copyOf(bytes, more + bytes.length);
        return true;
    }

    /** Makes the array about {@code capacity} long, when the budget allows; its content is lost. */
    void reset(int capacity) {
        if (bytes.length == capacity) {
            return;
        }
        release();
        while (bytes.length < capacity && grow()) {
            // Each step doubles it.
        }
    }

    /** Gives all but the first bytes back. */
    void release() {
        if (bytes.length > FIRST_BYTES) {
            budget.release(bytes.length - FIRST_BYTES);
            bytes = new byte[FIRST_BYTES];
        }
    }
}
