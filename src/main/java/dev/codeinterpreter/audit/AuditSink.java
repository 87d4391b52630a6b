package dev.codeinterpreter.audit;

import java.io.IOException;

/** Where lines go; for one thread. */
interface AuditSink extends AutoCloseable {

    /** @param line with its line feed */
    void write(byte[] line) throws IOException;

    @Override
    void close();
}
