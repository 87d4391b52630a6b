package dev.codeinterpreter.sandbox.kubernetes;

import java.util.concurrent.ThreadLocalRandom;

/**
 * A uid for each sandbox, above every user of a node and above the ranges that distributions give away. There are two
 * thousand million of them: that two sandboxes of a node have the same one is not to be feared.
 */
final class SandboxUids {
    private static final long FIRST = 200_000;
    private static final long END = Integer.MAX_VALUE;

    private SandboxUids() {}

    static long random() {
        return ThreadLocalRandom.current().nextLong(FIRST, END);
    }
}
