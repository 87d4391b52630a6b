package dev.codeinterpreter.session;

import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * What a runner answers to something that is being sent to it. It is awaited on a thread of its own: a runner that refuses
 * says so and reads no further, and the one who sends would wait for it.
 */
final class LastWord {
    private final CompletableFuture<Boolean> answer = new CompletableFuture<>();

    private LastWord() {}

    /** Closes {@code link} when the runner refuses or goes, so that the sending ends too. */
    static LastWord await(String session, RunnerChannel channel, SandboxChannel link) {
        LastWord word = new LastWord();
        Thread.ofVirtual().name("answer-" + session).start(RequestId.carry(() -> {
            try {
                channel.expectDone();
                word.answer.complete(true);
            } catch (IOException | RuntimeException | Error e) {
                word.answer.completeExceptionally(e);
                link.close();
            }
        }));
        return word;
    }

    /**
     * Waits for it; the watch over the transfer ends the wait by closing the link.
     *
     * @throws IOException when the runner refuses, as {@link RunnerChannel#expectDone} says it, or is gone
     */
    void get() throws IOException {
        try {
            boolean _ = answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException refused -> throw refused;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IOException(e);
            }
        }
    }
}
