package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.runner.FrameBytes;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfigs;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether an idle sandbox may be given to a run. */
@Timeout(30)
class LivenessTest {
    private static final PoolTimings TIMINGS = PoolTimings.DEFAULT;

    private final Deadlines deadlines = new Deadlines();

    @Test
    void saysNoOfOneThatAnswersWhenItsTimeIsUp() throws IOException {
        CountDownLatch cut = new CountDownLatch(1);
        RunnerChannel runner = RunnerChannel.join(new Answers(cut), RunnerConfigs.PLAIN);
        assertThat(new Liveness(SandboxId.random(), runner, cut::countDown, TIMINGS.withPing(Duration.ofMillis(20)))
                        .claim(deadlines))
                .isFalse();
    }

    @Test
    void saysYesOfOneThatAnswersInTime() throws IOException {
        RunnerChannel runner = RunnerChannel.join(new Answers(new CountDownLatch(0)), RunnerConfigs.PLAIN);
        assertThat(new Liveness(SandboxId.random(), runner, () -> {}, TIMINGS).claim(deadlines))
                .isTrue();
    }

    @Test
    void knowsWhenAnImportIsNearlyOver() throws IOException {
        RunnerChannel runner = RunnerChannel.join(new Answers(new CountDownLatch(0)), RunnerConfigs.PLAIN);
        Liveness sandbox = new Liveness(SandboxId.random(), runner, () -> {}, TIMINGS);
        assertThat(sandbox.isNearlyOver(Duration.ofNanos(1)))
                .as("before it begins")
                .isFalse();
        assertThat(sandbox.preload(List.of("numpy"), TIMINGS.ready(), deadlines))
                .isTrue();
        assertThat(sandbox.isNearlyOver(Duration.ofHours(1))).isFalse();
        assertThat(sandbox.isNearlyOver(Duration.ofNanos(1))).isTrue();
    }

    /** Is ready at once, and answers as soon as {@code question} is open. */
    private record Answers(CountDownLatch question) implements SandboxChannel {
        @Override
        public InputStream input() {
            return new SequenceInputStream(
                    new ByteArrayInputStream(FrameBytes.ready()),
                    new FilterInputStream(new ByteArrayInputStream(FrameBytes.pong())) {
                        @Override
                        public int read(byte[] bytes, int offset, int length) throws IOException {
                            try {
                                question.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                throw new IOException(e);
                            }
                            return super.read(bytes, offset, length);
                        }

                        @Override
                        public int read() throws IOException {
                            byte[] one = new byte[1];
                            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                        }
                    });
        }

        @Override
        public OutputStream output() {
            return new ByteArrayOutputStream();
        }

        @Override
        public String diagnostics() {
            return "";
        }

        @Override
        public void close() {}
    }
}
