package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.run.ShownItem;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.wire.ParsedBody;
import jakarta.json.JsonObject;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The answer of a streaming request: server-sent events, one compact {@code data:} line each.
 *
 * <p>Theory of operation: the run has a thread of its own, which hands over output and at last a result or an error. The
 * request's thread waits until the program has started, because what fails before that is still an HTTP status; then the
 * answer is open and a writer thread sends what {@link PendingEvents} has for it. A client that reads slowly blocks the
 * writer and nobody else: what waits for it is on disk and bounded, for it and for all clients together.
 */
public final class StreamedAnswer implements OutputSink {
    private static final System.Logger LOG = System.getLogger(StreamedAnswer.class.getName());

    /** After the run's end, for a client that has stopped reading without closing. */
    private static final Duration LAST_WRITE = Duration.ofSeconds(60);

    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final PendingEvents events;
    private final ShownResults results;
    private final EventChannel answer = new EventChannel();

    private final Cancellation cancellation;
    private final Duration lastWrite;

    private StreamedAnswer(Cancellation cancellation, PendingEvents events, ShownResults results, Duration lastWrite) {
        this.cancellation = cancellation;
        this.events = events;
        this.results = results;
        this.lastWrite = lastWrite;
    }

    /** What a streamed request does. */
    public interface Run<T> {
        /**
         * @param request its body
         * @param cancellation when its client leaves
         * @return what the result event holds
         */
        JsonObject of(T request, OutputSink output, Cancellation cancellation);
    }

    /**
     * Reads a request's body, does {@code run} on a thread of its own, and answers with the events of its output. From the
     * body on the client is watched.
     *
     * @param spool where output waits for a client that reads slowly
     * @param keepAlive silence after which a comment is sent
     * @param body reads it; closed when {@code run} has ended
     * @param withResults whether a request's result has what the program shows
     * @throws RuntimeException what {@code body} throws, and {@code run} before the program has started
     */
    public static <T> Response answer(
            SpoolDirectory spool,
            Duration keepAlive,
            Function<Cancellation, ParsedBody<T>> body,
            Predicate<T> withResults,
            Run<T> run) {
        return answer(spool, keepAlive, LAST_WRITE, body, withResults, run);
    }

    /** @param lastWrite how long, after the run's end, a client may take to read what is left for it */
    static <T> Response answer(
            SpoolDirectory spool,
            Duration keepAlive,
            Duration lastWrite,
            Function<Cancellation, ParsedBody<T>> body,
            Predicate<T> withResults,
            Run<T> run) {
        Cancellation cancellation = new Cancellation();
        ClientWatch watch = ClientWatch.begin(cancellation::cancel);
        StreamedAnswer stream = new StreamedAnswer(
                cancellation, new PendingEvents(spool, keepAlive), new ShownResults(spool::overflow), lastWrite);
        try {
            watch.probeWith(stream.events::probe);
            ParsedBody<T> request = body.apply(cancellation);
            // Closes the request and the watch.
            Runnable perform = () -> stream.perform(watch, request, withResults, run);
            Thread.ofVirtual().name("streamed-run").start(RequestId.carry(perform));
        } catch (RuntimeException | Error e) {
            watch.close();
            stream.events.close();
            stream.results.close();
            throw e;
        }
        try {
            stream.started.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
        return stream.answer.response();
    }

    @Override
    public void started() {
        started.complete(null);
        Thread.ofVirtual().name("event-writer").start(RequestId.carry(this::write));
    }

    @Override
    public void stdout(byte[] bytes) {
        events.output(PendingEvents.Stream.STDOUT, bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        events.output(PendingEvents.Stream.STDERR, bytes);
    }

    @Override
    public void show(ShownItem item) {
        results.add(item, events::show);
    }

    @Override
    public boolean isStdoutCut() {
        return events.isCut(PendingEvents.Stream.STDOUT);
    }

    @Override
    public boolean isStderrCut() {
        return events.isCut(PendingEvents.Stream.STDERR);
    }

    private <T> void perform(ClientWatch watch, ParsedBody<T> request, Predicate<T> withResults, Run<T> run) {
        try (results) {
            JsonObject result;
            boolean shows;
            try (watch;
                    request) {
                result = run.of(request.content(), this, cancellation);
                shows = withResults.test(request.content());
            }
            if (shows) {
                results.finish();
                events.end(result, results);
            } else {
                events.end("result", result.toString());
            }
        } catch (RuntimeException | Error e) {
            if (started.completeExceptionally(e)) {
                // No writer will do it.
                events.close();
            } else {
                events.end("error", error(e).toJson());
            }
        }
    }

    private ErrorEvent error(Throwable failure) {
        if (failure instanceof ServiceException known) {
            return new ErrorEvent(known.code(), String.valueOf(known.getMessage()));
        }
        if (!cancellation.isCancelled()) {
            LOG.log(System.Logger.Level.ERROR, "streamed run failed", failure);
        }
        return new ErrorEvent(ErrorCode.INTERNAL, "Internal Server Error");
    }

    private void write() {
        Thread writer = Thread.currentThread();
        events.onEnd(() -> interruptAfter(writer, lastWrite));
        try (answer;
                events) {
            answer.send(PendingEvents.GREETING);
            for (String event = events.next(); !event.isEmpty(); event = events.next()) {
                answer.send(event);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "the client of a stream has gone", e);
            cancellation.cancel();
        } catch (InterruptedException e) {
            // Only interruptAfter does that, and the thread ends here.
            LOG.log(System.Logger.Level.DEBUG, "the client of a stream does not read", e);
        }
    }

    private static void interruptAfter(Thread thread, Duration timeout) {
        Thread.ofVirtual().name("event-writer-deadline").start(() -> {
            try {
                if (!thread.join(timeout)) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
