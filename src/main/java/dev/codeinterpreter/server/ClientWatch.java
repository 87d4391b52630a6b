package dev.codeinterpreter.server;

/**
 * Notices that the client of a request in progress has gone, within 200 ms on a near network. From 50 ms after the
 * request's last byte its connection is read ahead, until this is closed.
 *
 * <p>A reset is an end at once. The mere end of the client's bytes may be half a close: such a client still reads. So it is
 * written to, three times within a second, and has gone when that fails: with an interim answer (status 100, which every
 * client of HTTP/1.1 has to skip, RFC 9110, 15.2; HTTP/1.0 is refused) as long as the answer has not begun, and then with
 * what {@link #probeWith} was given. A client that closes the other half later, or leaves behind more than 1 KiB of further
 * requests, is noticed when its answer is written.
 */
public interface ClientWatch extends AutoCloseable {
    /**
     * Watches the client of the request that this thread serves, until the next request on its connection at the latest;
     * nothing on a thread that serves none. Of several that are open, the one that began last is notified; the one before it
     * goes on when that is closed.
     *
     * @param onGone called at most once, on a thread of its own, which it may block; it may still run when this is closed
     */
    static ClientWatch begin(Runnable onGone) {
        return ReadAhead.CURRENT.isBound() ? ReadAhead.CURRENT.get().watch(onGone) : NONE;
    }

    /** Watches nobody. */
    ClientWatch NONE = new ClientWatch() {
        @Override
        public void probeWith(Runnable probe) {}

        @Override
        public void settle() {}

        @Override
        public void close() {}
    };

    /**
     * What to do when the client may have gone and its answer has begun.
     *
     * @param probe has something written and does not wait for it; the writer sees whether that fails
     */
    void probeWith(Runnable probe);

    /**
     * Returns when there is no doubt about a client that has stopped sending, which takes a quarter of a second at most: for
     * what nobody else could undo.
     */
    void settle();

    @Override
    void close();
}
