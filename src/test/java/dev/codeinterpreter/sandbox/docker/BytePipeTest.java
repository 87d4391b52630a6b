package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BytePipeTest {
    /** What the pipe holds at most. */
    private static final int CAPACITY = 128 << 10;

    private final BytePipe pipe = new BytePipe();

    @Test
    void givesTheBytesInTheirOrder() throws Exception {
        byte[] sent = randomBytes(3_000_000);
        FutureTask<Void> writer = start(() -> {
            Random sizes = new Random(2);
            for (int done = 0; done < sent.length; ) {
                int count = Math.min(sizes.nextInt(200_000), sent.length - done);
                pipe.sink().write(sent, done, count);
                done += count;
            }
            pipe.sink().close();
            return null;
        });
        byte[] received = new byte[sent.length];
        Random sizes = new Random(3);
        for (int done = 0; done < received.length; ) {
            done += pipe.source().read(received, done, Math.min(1 + sizes.nextInt(70_000), received.length - done));
        }
        writer.get();
        assertThat(Arrays.equals(received, sent)).isTrue();
        assertThat(pipe.source().read()).isEqualTo(-1);
    }

    @Test
    void carriesSingleBytesWithoutTheirSign() throws IOException {
        pipe.sink().write(0x1ff);
        pipe.sink().write(0);
        pipe.sink().close();
        assertThat(pipe.source().read()).isEqualTo(255);
        assertThat(pipe.source().read()).isZero();
        assertThat(pipe.source().read()).isEqualTo(-1);
    }

    /** The JDK's own pipe reports "write end dead" when the thread that wrote last is gone. */
    @Test
    void outlivesTheThreadsThatWrite() throws Exception {
        for (byte letter : new byte[] {'a', 'b', 'c'}) {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    pipe.sink().write(letter);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            writer.join();
            assertThat(pipe.source().read()).isEqualTo(letter);
        }
    }

    @Test
    void holdsNoMoreThanItsCapacity() throws Exception {
        pipe.sink().write(new byte[CAPACITY]);
        WaitingThread writer = new WaitingThread(() -> pipe.sink().write(1));
        writer.awaitWaiting();
        assertThat(pipe.source().readNBytes(CAPACITY)).hasSize(CAPACITY);
        writer.get();
        assertThat(pipe.source().read()).isEqualTo(1);
    }

    @Test
    void closingEndsAReaderThatWaits() throws Exception {
        WaitingThread reader =
                new WaitingThread(() -> assertThat(pipe.source().read()).isEqualTo(-1));
        reader.awaitWaiting();
        pipe.close();
        reader.get();
    }

    @Test
    void closingFailsAWriterThatWaits() throws Exception {
        pipe.sink().write(new byte[CAPACITY]);
        WaitingThread writer = new WaitingThread(() -> pipe.sink().write(1));
        writer.awaitWaiting();
        pipe.close();
        assertThatThrownBy(writer::get).cause().isInstanceOf(IOException.class).hasMessage("the sandbox is closed");
    }

    /** As the transport's thread does when its connection breaks. */
    @Test
    void failsAWriterWhenTheThreadThatSentHasEnded() throws Exception {
        BytePipe watched = new BytePipe(Duration.ofMillis(10));
        watched.sink().write(new byte[CAPACITY]);
        WaitingThread sender = new WaitingThread(() -> {
            assertThat(watched.source().readNBytes(CAPACITY)).hasSize(CAPACITY);
            assertThat(watched.source().read()).isZero();
        });
        assertThatThrownBy(() -> watched.sink().write(new byte[CAPACITY + 2]))
                .isInstanceOf(IOException.class)
                .hasMessage("the connection to the sandbox has ended");
        sender.get();
    }

    @Test
    void givesWhatItHoldsAfterItWasClosed() throws IOException {
        pipe.sink().write(new byte[] {1, 2, 3});
        pipe.close();
        assertThat(pipe.source().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void takesNothingAfterItWasClosed() {
        pipe.close();
        pipe.close();
        assertThatThrownBy(() -> pipe.sink().write(1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pipe.sink().write(new byte[CAPACITY + 1])).isInstanceOf(IOException.class);
    }

    @Test
    void isClosedFromEitherEnd() throws IOException {
        pipe.source().close();
        assertThatThrownBy(() -> pipe.sink().write(1)).isInstanceOf(IOException.class);
        BytePipe other = new BytePipe();
        other.sink().close();
        assertThat(other.source().read()).isEqualTo(-1);
    }

    @Test
    void interruptingEndsAWaitAndKeepsTheFlag() throws Exception {
        WaitingThread reader = new WaitingThread(() -> {
            try {
                assertThat(pipe.source().read()).isZero();
            } finally {
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            }
        });
        reader.awaitWaiting();
        reader.interrupt();
        assertThatThrownBy(reader::get).cause().isInstanceOf(IOException.class).hasMessage("interrupted");
    }

    private static FutureTask<Void> start(Callable<Void> action) {
        FutureTask<Void> task = new FutureTask<>(action);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    private static byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private interface Action {
        void run() throws IOException;
    }

    /** A thread that is expected to block. */
    private static final class WaitingThread {
        private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

        private final FutureTask<Void> task;
        private final Thread thread;

        WaitingThread(Action action) {
            task = new FutureTask<>(() -> {
                action.run();
                return null;
            });
            thread = Thread.ofPlatform().daemon().start(task);
        }

        void awaitWaiting() {
            // A writer waits for a while at a time.
            while (!WAITING.contains(thread.getState())) {
                assertThat(thread.getState())
                        .as("state of a thread that should wait")
                        .isNotEqualTo(Thread.State.TERMINATED);
                Thread.onSpinWait();
            }
        }

        void interrupt() {
            thread.interrupt();
        }

        void get() throws InterruptedException, ExecutionException {
            task.get();
        }
    }
}
