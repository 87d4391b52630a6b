package dev.codeinterpreter.sandbox.docker;

import java.io.InputStream;
import java.io.OutputStream;

/** A connection to the engine that belongs to one process's streams. Closing it fails its readers and writers. */
interface EngineStream extends AutoCloseable {
    /** What the engine sends. */
    InputStream input();

    /** What the process reads. */
    OutputStream output();

    @Override
    void close();
}
