package dev.codeinterpreter.sandbox;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * A duplex byte stream: one thread may read while another writes. Neither side can be half-closed on every backend, so
 * nothing built on a channel may depend on that.
 */
public interface SandboxChannel extends AutoCloseable {

    /** What the main process writes to its standard output. Ends when the process does. */
    InputStream input();

    /** The main process's standard input. Blocks while the process does not read; {@code flush} sends at once. */
    OutputStream output();

    /** The last few hundred bytes that the main process wrote to its standard error, for a log line; hostile text. */
    String diagnostics();

    /** Cuts the connection without waiting for anything; the main process sees the end of its input and ends. */
    @Override
    void close();
}
