package dev.codeinterpreter.pool;

/**
 * The pool at a moment.
 *
 * @param target how many sandboxes for runs should be idle
 * @param idle how many wait for a run
 * @param preloaded how many of these have their libraries
 * @param sessions how many wait to be a session
 * @param preloadedSessions how many of these have their libraries
 * @param launching how many are on their way
 */
public record PoolStats(int target, int idle, int preloaded, int sessions, int preloadedSessions, int launching) {}
