package dev.codeinterpreter.mcp;

/**
 * Who sent a request. Made in one place, {@link McpResource#caller}: what a key or a tenant may see is to be decided by it.
 *
 * @param name unique among callers; never a key
 */
record Caller(String name) {
    /** Without keys everybody is the same. */
    static final Caller DEFAULT = new Caller("default");
}
