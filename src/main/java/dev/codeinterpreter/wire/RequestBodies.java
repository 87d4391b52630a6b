package dev.codeinterpreter.wire;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.FairPermits;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads every JSON body of the service, with the same limits.
 *
 * <p>A body arrives at its client's pace, a small one in the heap and a large one on disk, and is parsed when it is whole, at
 * ours and a few at a time. So the heap holds a few trees at most, and a client that stalls keeps no permit from others.
 * Small bodies have permits of their own: they take a millisecond, large ones seconds.
 */
@SingleInstance
public class RequestBodies {
    /** Trees of 10 MB at worst: see {@link BodyLimits}. */
    private static final int PARSED_AT_ONCE = 3;

    /** A body of 64 KiB is a tree of 2.6 MB at worst, {@code [[],[],..]}. */
    private static final int SMALL_PARSED_AT_ONCE = 4;

    /** How long a body waits for a parser. One of 256 MB is parsed in two seconds. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** The headers of a request; {@code HttpHeaders::getHeaderString} of JAX-RS is one. */
    @FunctionalInterface
    public interface Headers {

        /** The value of the header called {@code name} in any case, null when it was not sent. */
        @Nullable
        String value(String name);
    }

    private final BodyLimits limits;
    private final SpoolDirectory spool;
    private final Duration timeout;
    private final FairPermits parsers = new FairPermits(PARSED_AT_ONCE);
    private final FairPermits smallParsers = new FairPermits(SMALL_PARSED_AT_ONCE);

    @Inject
    public RequestBodies(BodyLimits limits, SpoolDirectory spool) {
        this(limits, spool, TIMEOUT);
    }

    RequestBodies(BodyLimits limits, SpoolDirectory spool, Duration timeout) {
        this.limits = limits;
        this.spool = spool;
        this.timeout = timeout;
    }

    /**
     * Reads a body and what {@code reader} wants of it; the caller closes what it gets.
     *
     * @param cancellation ends the wait for the parser
     * @throws RuntimeException as {@link RequestBody#read} and {@code reader} do, CONCURRENCY_LIMIT when too many arrive at
     *     once, STORAGE_FULL when there is no room for it, and ClientGoneException when it was cancelled
     */
    public <T> ParsedBody<T> read(
            Headers headers, InputStream entity, Function<Fields, T> reader, Cancellation cancellation) {
        RequestBody.checkHeaders(headers, limits);
        if (!ContentTypes.isJson(headers.value("Content-Type"))) {
            // Little of it is read, and refused.
            return interpret(RequestBody.read(headers, entity, limits, spool), reader);
        }
        return arrive(entity, cancellation, body -> interpret(RequestBody.parse(headers, body, limits, spool), reader));
    }

    /**
     * As {@link #read}, of a body that may be any JSON value.
     *
     * @param reader of its tree, which it must not keep
     */
    public <T> ParsedBody<T> tree(
            Headers headers, InputStream entity, Function<Node, T> reader, Cancellation cancellation) {
        RequestBody.checkHeaders(headers, limits);
        return arrive(entity, cancellation, body -> RequestBody.tree(body, limits, spool, reader));
    }

    private <T> ParsedBody<T> arrive(
            InputStream entity, Cancellation cancellation, Function<InputStream, ParsedBody<T>> parser) {
        try (SpillBuffer arrived = spool.arriving()) {
            arrived.receive(RequestBody.bounded(entity, limits));
            FairPermits permits = arrived.length() <= StorageBudget.SMALL_BYTES ? smallParsers : parsers;
            acquire(permits, cancellation);
            try {
                cancellation.throwIfCancelled();
                return parser.apply(arrived.open());
            } finally {
                permits.release();
            }
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }

    private static <T> ParsedBody<T> interpret(RequestBody body, Function<Fields, T> reader) {
        try {
            return body.receive(reader);
        } catch (RuntimeException e) {
            body.close();
            throw e;
        }
    }

    private void acquire(FairPermits permits, Cancellation cancellation) {
        try {
            if (permits.acquire(timeout, cancellation)) {
                return;
            }
            cancellation.throwIfCancelled();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new ServiceException(ErrorCode.CONCURRENCY_LIMIT, "Too many request bodies are being read");
    }
}
