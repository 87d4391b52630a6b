package dev.codeinterpreter.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.Account;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpillBufferTest {
    private static final int KB = 1 << 10;
    private static final int SMALL = StorageBudget.SMALL_BYTES;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 8191, 8192, 8193, 16_385, SMALL, SMALL + 1, 300_001})
    void givesBackWhatItWasGiven(int size) throws IOException {
        for (int heap : new int[] {0, 20 * KB, 1 << 20}) {
            Account account = account(16 << 20, 16L * heap);
            byte[] bytes = random(size);
            try (SpillBuffer received = new SpillBuffer(directory, account);
                    SpillBuffer written = new SpillBuffer(directory, account)) {
                received.receive(new ByteArrayInputStream(bytes));
                for (int from = 0; from < size; from += 700) {
                    written.write(Arrays.copyOfRange(bytes, from, Math.min(size, from + 700)));
                }
                assertThat(content(received)).isEqualTo(bytes);
                assertThat(content(written)).isEqualTo(bytes);
            }
            assertNothingIsTaken(account);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void keepsWhatIsSmallInTheHeap() {
        Account account = account(0, 16 << 20);
        try (SpillBuffer overflow = new SpillBuffer(directory, account)) {
            overflow.write(random(SMALL));
            assertThat(overflow.length()).isEqualTo(SMALL);
            assertThat(account.heap().used()).isEqualTo(SMALL - 512);
            assertThat(account.openFiles()).isZero();
        }
        assertNothingIsTaken(account);
    }

    @Test
    void givesTheHeapBackWhenItGoesToDisk() {
        Account account = account(16 << 20, 16 << 20);
        try (SpillBuffer overflow = new SpillBuffer(directory, account)) {
            overflow.write(random(SMALL + 1));
            assertThat(account.heap().used()).isLessThan(8 * KB);
            assertThat(account.bytes()).isEqualTo(SMALL);
            assertThat(account.openFiles()).isEqualTo(1);
        }
        assertNothingIsTaken(account);
    }

    @Test
    void refusesWhatDoesNotFitAndKeepsItsBeginning() throws IOException {
        Account account = account(400 * KB, 0);
        byte[] bytes = random(200 * KB);
        try (SpillBuffer overflow = new SpillBuffer(directory, account)) {
            assertThatThrownBy(() -> overflow.write(bytes))
                    .isInstanceOf(ServiceException.class)
                    .hasMessage("Request bodies on disk exceed maximum of 100 KB");
            assertThat(overflow.length()).isBetween(90L * KB, 100L * KB);
            assertThat(content(overflow)).isEqualTo(Arrays.copyOf(bytes, (int) overflow.length()));
        }
        assertNothingIsTaken(account);
    }

    @Test
    void closesTwice() {
        Account account = account(16 << 20, 16 << 20);
        SpillBuffer overflow = new SpillBuffer(directory, account);
        overflow.write(random(300 * KB));
        overflow.close();
        overflow.close();
        assertNothingIsTaken(account);
    }

    private static Account account(long disk, long heap) {
        return new StorageBudget(disk, heap, 800).requests();
    }

    private static void assertNothingIsTaken(Account account) {
        assertThat(account.bytes()).isZero();
        assertThat(account.openFiles()).isZero();
        assertThat(account.heap().used()).isZero();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static byte[] content(SpillBuffer overflow) throws IOException {
        try (InputStream in = overflow.open()) {
            byte[] bytes = in.readAllBytes();
            assertThat(overflow.length()).isEqualTo(bytes.length);
            return bytes;
        }
    }
}
