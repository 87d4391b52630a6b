package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.fake.IdleChannel;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FeederTest {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final AtomicBoolean closed = new AtomicBoolean();
    private final SandboxChannel channel = new IdleChannel(() -> closed.set(true));

    @Test
    void leavesTheReaderTimeForTheLastWordOfARunnerThatTakesNoMore() {
        IOException full = new IOException("it takes no more");
        Feeder feeder = Feeder.start("s", channel, () -> fail(full), Duration.ofHours(1));
        IOException suffered = new IOException("suffered");
        Await.until("the failure", BOUND, () -> feeder.explain(suffered).getSuppressed().length > 0);
        assertThat(suffered.getSuppressed()[0]).isSameAs(full);
        assertThat(closed).isFalse();
    }

    @Test
    void endsTheReadingWhenTheRunnerHasSaidNothing() {
        Feeder _ = Feeder.start("s", channel, () -> fail(new IOException("it takes no more")), Duration.ZERO);
        Await.until("the end", BOUND, closed::get);
    }

    @Test
    void endsTheReadingAtOnceWhenThereIsNothingToSend() {
        Feeder _ = Feeder.start(
                "s",
                channel,
                () -> {
                    throw new IllegalStateException("a fault of ours");
                },
                Duration.ofHours(1));
        Await.until("the end", BOUND, closed::get);
    }

    private static void fail(IOException e) throws IOException {
        throw e;
    }
}
