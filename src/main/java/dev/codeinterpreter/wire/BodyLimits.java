package dev.codeinterpreter.wire;

import dev.codeinterpreter.config.Settings;

/**
 * How much of a body is read before it is refused with 413.
 *
 * @param bodyBytes the whole body as sent
 * @param treeCharacters what is left for the heap once the long strings are on disk
 * @param treeValues numbers, strings, lists and so on: {@code [[],[],..]} takes forty times its length in heap
 */
public record BodyLimits(long bodyBytes, int treeCharacters, int treeValues) {
    private static final int TREE_CHARACTERS = 1 << 20;
    /** Half a dozen of such trees (10 MB each at worst) fit into the heap of 96 MB at once. */
    private static final int TREE_VALUES = 50_000;

    /** 256 MB by default: a stdin of 100 MB of which most characters are escaped. */
    public static BodyLimits from(Settings settings) {
        return ofBytes(settings.megabytes("MAX_REQUEST_MB", 256, 1));
    }

    /** The usual limits of the tree, and a body of at most {@code bytes}. */
    public static BodyLimits ofBytes(long bytes) {
        return new BodyLimits(bytes, TREE_CHARACTERS, TREE_VALUES);
    }
}
