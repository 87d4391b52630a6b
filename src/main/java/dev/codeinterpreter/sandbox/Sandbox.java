package dev.codeinterpreter.sandbox;

/** One container, used once. Its launcher closes it, on every path. */
public interface Sandbox extends AutoCloseable {

    SandboxId id();

    /** The bytes to and from the container's main process; lives as long as the sandbox. */
    SandboxChannel channel();

    /**
     * Ends the container with everything in it and returns when the engine has confirmed that it is gone, or after a bound
     * (some seconds) when the engine does not answer. May be called again and from any thread; a blocked read or write of
     * the channel then fails. Never throws.
     */
    @Override
    void close();
}
