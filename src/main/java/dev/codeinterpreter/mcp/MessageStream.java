package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.answer.EventChannel;
import dev.codeinterpreter.answer.OneLineWriter;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A call whose client wants to hear of its progress. The run has a thread of its own. What ends before there is anything to
 * report is answered as ever; else the answer is a stream of events, of which the last is the result. A client that does not
 * read blocks the writer and nobody else.
 */
final class MessageStream {
    private static final System.Logger LOG = System.getLogger(MessageStream.class.getName());
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofSeconds(10);

    /** After the run's end, for a client that has stopped reading without closing. */
    private static final Duration LAST_WRITE = Duration.ofSeconds(60);

    /** Characters of the result that are sent at once. */
    private static final int PIECE = 8 * 1024;

    private final CompletableFuture<Content> result = new CompletableFuture<>();
    private final EventChannel channel = new EventChannel();
    private final Progress progress;
    private final Cancellation cancellation;
    private final Deadlines deadlines;

    MessageStream(String token, Cancellation cancellation, Deadlines deadlines) {
        this.progress = new Progress(token, INTERVAL, SILENCE);
        this.cancellation = cancellation;
        this.deadlines = deadlines;
    }

    static String event(String message) {
        return "event: message\ndata: " + OneLineWriter.escape(message) + "\n\n";
    }

    Progress progress() {
        return progress;
    }

    /**
     * Does {@code work} on another thread.
     *
     * @param work gives the message; it closes what it needs itself
     * @param plain makes the answer of a message when nothing was reported before
     * @throws ClientGoneException when it was cancelled before anything was reported
     */
    Response answer(Supplier<Content> work, Function<Content, Response> plain) {
        Thread.ofVirtual().name("mcp-call").start(RequestId.carry(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            } finally {
                progress.end();
            }
        }));
        try {
            Optional<String> first = progress.next();
            if (first.isEmpty()) {
                return plain.apply(result.join());
            }
            Thread.ofVirtual().name("mcp-writer").start(RequestId.carry(() -> write(first.get())));
            return channel.response();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancellation.cancel();
            var _ = result.thenAccept(Content::close);
            throw new ClientGoneException(e);
        }
    }

    private void write(String first) {
        Thread writer = Thread.currentThread();
        try (channel) {
            for (Optional<String> event = Optional.of(first); event.isPresent(); event = progress.next()) {
                channel.send(event.get());
            }
            try (Content message = result.get();
                    Deadlines.Deadline _ = deadlines.start(LAST_WRITE, writer::interrupt)) {
                send(message);
            }
        } catch (IOException | RuntimeException e) {
            // The web server's exceptions are unchecked where a connection is gone.
            LOG.log(System.Logger.Level.DEBUG, "the client of a stream has gone", e);
            cancellation.cancel();
            var _ = result.thenAccept(Content::close);
        } catch (ExecutionException e) {
            // Cancelled: there is no answer. Whatever else fails is a message.
            LOG.log(System.Logger.Level.DEBUG, "a call of MCP was cancelled", e);
        } catch (InterruptedException e) {
            // Only the deadline does that, and the thread ends here.
            LOG.log(System.Logger.Level.DEBUG, "the client of a stream does not read", e);
        }
    }

    private void send(Content message) throws IOException, InterruptedException {
        channel.send("event: message\ndata: ");
        char[] piece = new char[PIECE];
        try (Reader in = new InputStreamReader(message.open(), UTF_8)) {
            int count = in.read(piece);
            while (count > 0) {
                channel.send(new String(piece, 0, count));
                count = in.read(piece);
            }
        }
        channel.send("\n\n");
    }
}
