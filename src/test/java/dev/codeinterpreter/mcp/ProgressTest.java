package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ProgressTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void reportsTheLastLineAtOnceAndThenGrows() throws InterruptedException {
        Progress progress = new Progress("\"t\"", Duration.ZERO, LONG);
        progress.output("first\nsec".getBytes(UTF_8));
        assertThat(progress.next())
                .get()
                .asString()
                .contains("\"progressToken\":\"t\"")
                .contains("\"message\":\"sec\"");
        progress.output(("ond\n" + "x".repeat(5000) + "end").getBytes(UTF_8));
        assertThat(progress.next()).get().asString().contains("xend\"").hasSizeLessThan(400);
        progress.end();
        progress.output("late".getBytes(UTF_8));
        assertThat(progress.next()).isEmpty();
    }

    @Test
    void saysAfterAWhileOfSilenceThatItStillRuns() throws InterruptedException {
        Progress progress = new Progress("1", LONG, Duration.ofMillis(1));
        assertThat(progress.next()).get().asString().contains("\"progressToken\":1");
        progress.probe();
        assertThat(progress.next()).contains(":\n\n");
    }
}
