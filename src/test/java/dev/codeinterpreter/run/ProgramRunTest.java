package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.local.LocalStores;
import dev.codeinterpreter.runner.FrameBytes;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerConfigs;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One command, with a runner that goes only so far. */
@Timeout(60)
class ProgramRunTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofHours(1);

    private static final OutputSink NO_OUTPUT = new OutputSink() {
        @Override
        public void stdout(byte[] bytes) {}

        @Override
        public void stderr(byte[] bytes) {}
    };

    @TempDir
    Path directory;

    private SpoolDirectory spool;

    private final Deadlines deadlines = new Deadlines();
    private FileStore store;

    @BeforeEach
    void open() {
        spool = new SpoolDirectory(directory.resolve("spool"), new StorageBudget(1 << 30));
        store = LocalStores.open(
                new FilesConfig(directory.resolve("files"), 1 << 20, LONG, 1 << 20), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    /** Where a runner stops. */
    enum Phase {
        HANDSHAKE,
        STAGING,
        PROGRAM,
        COLLECTION,
        NONE
    }

    /** Only the timeout of one phase is short: it has to end that one. */
    private static RunTimings timings(Phase stalled) {
        return switch (stalled) {
            case HANDSHAKE, STAGING -> timings(SHORT, LONG, LONG);
            case PROGRAM -> timings(LONG, SHORT, LONG);
            case COLLECTION -> timings(LONG, LONG, SHORT);
            case NONE -> timings(LONG, LONG, LONG);
        };
    }

    private static RunTimings timings(Duration preparation, Duration grace, Duration collection) {
        return new RunTimings(preparation, grace, collection, LONG, LONG);
    }

    @ParameterizedTest
    @EnumSource(value = Phase.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void endsWhicheverPhaseTakesTooLong(Phase stalled) {
        assertThatThrownBy(() -> run(stalled))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.reason()).isEqualTo(Rejection.SANDBOX_LOST.label()))
                .cause()
                .hasMessageContaining("it did not keep its deadline");
    }

    @Test
    void returnsTheResultOfOneThatTakesNoTime() {
        assertThat(run(Phase.NONE).exit().exitCode()).hasValue(0);
    }

    private RunResult run(Phase stalled) {
        Runner runner = new Runner(stalled);
        ProgramRun.Link link = new ProgramRun.Link("s", runner, runner::close);
        return new ProgramRun(
                        link,
                        new OwnerLimit(Owner.DEFAULT, OptionalLong.empty()),
                        store,
                        spool,
                        deadlines,
                        new Cancellation(),
                        timings(stalled))
                .run(runner, NO_OUTPUT);
    }

    /** Both ends of a conversation that is heard until {@code stalled}. */
    private record Runner(Phase stalled, CountDownLatch started, CountDownLatch closed)
            implements SandboxChannel, Command {
        Runner(Phase stalled) {
            this(stalled, new CountDownLatch(1), new CountDownLatch(1));
        }

        @Override
        public Duration timeout() {
            return Duration.ofMillis(1);
        }

        @Override
        public RunnerChannel open(SandboxChannel channel) throws IOException {
            return RunnerChannel.join(channel, RunnerConfigs.PLAIN);
        }

        @Override
        public void prepare(RunnerChannel channel) throws IOException {
            if (stalled == Phase.STAGING) {
                await(closed);
                throw new IOException("closed");
            }
        }

        @Override
        public void start(RunnerChannel channel) {
            started.countDown();
        }

        @Override
        public InputStream input() {
            if (stalled == Phase.HANDSHAKE) {
                return new Gate(closed);
            }
            InputStream opening = new ByteArrayInputStream(FrameBytes.ready());
            InputStream answer = new SequenceInputStream(
                    new Gate(stalled == Phase.STAGING ? closed : started), new ByteArrayInputStream(answer()));
            return new SequenceInputStream(opening, new SequenceInputStream(answer, new Gate(closed)));
        }

        private byte[] answer() {
            return switch (stalled) {
                case HANDSHAKE, STAGING -> new byte[0];
                case PROGRAM -> FrameBytes.started();
                case COLLECTION -> FrameBytes.concat(FrameBytes.started(), FrameBytes.exit());
                case NONE -> FrameBytes.concat(FrameBytes.started(), FrameBytes.exit(), FrameBytes.done());
            };
        }

        @Override
        public OutputStream output() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public String diagnostics() {
            return "";
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    /** Is empty, and says so when its latch is open. */
    private static final class Gate extends InputStream {
        private final CountDownLatch latch;

        Gate(CountDownLatch latch) {
            this.latch = latch;
        }

        @Override
        public int read() throws IOException {
            await(latch);
            return -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return read();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
