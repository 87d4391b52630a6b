package dev.codeinterpreter.run;

import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a runner on a thread of its own, while the caller's thread reads what the runner says. A runner that refuses
 * says so and reads no further; who only wrote would wait for it until some deadline.
 */
public final class Feeder {
    /** For what a runner that takes no more has said before. */
    private static final Duration LAST_WORD = Duration.ofSeconds(1);

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private Feeder() {}

    /** What is written; blocks while the runner does not read. */
    public interface Feeding {
        void feed() throws IOException;
    }

    /**
     * Starts to write. When that fails the channel is closed, so that the reading fails too instead of waiting for what
     * never comes; a second later, when it is the runner that takes no more: it has said why, and that may not be read yet.
     *
     * @param name of the sandbox
     */
    public static Feeder start(String name, SandboxChannel channel, Feeding feeding) {
        return start(name, channel, feeding, LAST_WORD);
    }

    static Feeder start(String name, SandboxChannel channel, Feeding feeding, Duration lastWord) {
        Feeder feeder = new Feeder();
        Thread.ofVirtual().name("feeder-" + name).start(RequestId.carry(() -> {
            try {
                feeding.feed();
            } catch (IOException e) {
                feeder.failure.set(e);
                LockSupport.parkNanos(lastWord.toNanos());
                channel.close();
            } catch (RuntimeException | Error e) {
                // An Error too: the reader would wait in vain for a program that was never started.
                feeder.failure.set(e);
                channel.close();
            }
        }));
        return feeder;
    }

    /** Adds to what the reader suffered what the writer did, if it did. */
    public <E extends Exception> E explain(E suffered) {
        Throwable cause = failure.get();
        if (cause != null) {
            suffered.addSuppressed(cause);
        }
        return suffered;
    }
}
