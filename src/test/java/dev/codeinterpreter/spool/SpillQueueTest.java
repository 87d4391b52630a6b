package dev.codeinterpreter.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpillQueueTest {
    private static final int KB = 1 << 10;

    @TempDir
    Path directory;

    /** Writes and reads of random sizes, with as much in between as the heap has and with more. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2 * KB, 1 << 20})
    void givesBytesInTheirOrder(int heap) {
        Account account = new StorageBudget(64 << 20, 16L * heap, 800).outputs();
        Random random = new Random(heap);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (SpillQueue queue = new SpillQueue(directory, account)) {
            for (int i = 0; i < 2000; i++) {
                byte[] bytes = new byte[random.nextInt(i % 7 == 0 ? 60 * KB : 300)];
                random.nextBytes(bytes);
                queue.write(bytes);
                written.writeBytes(bytes);
                // For a while it grows, for a while it shrinks.
                for (int n = i / 100 % 2 == 0 ? 0 : 3; n > 0; n--) {
                    read.writeBytes(queue.take(1 + random.nextInt(40 * KB)));
                }
                assertThat(queue.length()).isEqualTo(written.size() - read.size());
            }
            while (queue.length() > 0) {
                read.writeBytes(queue.take(32 * KB));
            }
            assertThat(queue.take(5)).isEmpty();
            assertThat(account.bytes()).isZero();
        }
        assertThat(read.toByteArray()).isEqualTo(written.toByteArray());
        assertNothingIsTaken(account);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void refusesWhatDoesNotFitAndGivesTheRest() {
        Account account = new StorageBudget(400 * KB, 0, 800).outputs();
        try (SpillQueue queue = new SpillQueue(directory, account)) {
            queue.write(new byte[60 * KB]);
            assertThatThrownBy(() -> queue.write(new byte[60 * KB]))
                    .isInstanceOf(ServiceException.class)
                    .hasMessage("Outputs on disk exceed maximum of 100 KB");
            assertThat(queue.length()).isEqualTo(60 * KB);
        }
        assertNothingIsTaken(account);
    }

    @Test
    void forgetsWhatIsWrittenAfterItsEnd() {
        Account account = new StorageBudget(64 << 20, 0, 800).outputs();
        SpillQueue queue = new SpillQueue(directory, account);
        queue.write(new byte[100 * KB]);
        queue.close();
        queue.write(new byte[100 * KB]);
        assertThat(queue.length()).isZero();
        assertThat(queue.take(5)).isEmpty();
        assertNothingIsTaken(account);
    }

    private static void assertNothingIsTaken(Account account) {
        assertThat(account.bytes()).isZero();
        assertThat(account.openFiles()).isZero();
        assertThat(account.heap().used()).isZero();
    }
}
