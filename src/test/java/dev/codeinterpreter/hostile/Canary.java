package dev.codeinterpreter.hostile;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Another client's plain program, while a hostile one runs. */
final class Canary {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final CompletableFuture<Result> answer = new CompletableFuture<>();

    private Canary() {}

    static Canary begin(Api api) {
        Canary canary = new Canary();
        Thread.ofVirtual().name("canary").start(() -> {
            try {
                canary.answer.complete(api.run(Program.of("print(1 + 1)")));
            } catch (RuntimeException | Error e) {
                canary.answer.completeExceptionally(e);
            }
        });
        return canary;
    }

    /** Waits for it and does not judge it: it is not to end, and be counted, while something else is looked at. */
    void settle() {
        answer.handle((_, _) -> null)
                .completeOnTimeout(null, TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    void requireAlive() {
        try {
            Result result = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            if (!result.stdout().equals("2\n") || !result.exited(0)) {
                throw new AssertionError("the canary got " + result);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the canary got no answer", e);
        }
    }
}
