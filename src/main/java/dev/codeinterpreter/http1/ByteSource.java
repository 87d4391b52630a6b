package dev.codeinterpreter.http1;

/** Where the bytes of a client come from. */
@FunctionalInterface
public interface ByteSource {
    /**
     * Blocks until something arrives.
     *
     * @return one byte at least
     * @throws RuntimeException when the connection ended or the client was too slow
     */
    byte[] receive(Waiting reason);
}
