package dev.codeinterpreter.pool;

/**
 * The pool at a moment.
 *
 * @param target how many sandboxes should be idle
 * @param idle how many wait for a run
 * @param preloaded how many of those have their libraries
 * @param launching how many are on their way
 */
public record PoolStats(int target, int idle, int preloaded, int launching) {}
