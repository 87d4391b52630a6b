package dev.codeinterpreter.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Descriptors;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import org.junit.jupiter.api.Test;

class StorageBudgetTest {
    private static final long MB = 1 << 20;
    private static final int BLOCK = 64 << 10;
    private static final long MAX = 64 * MB;

    private final StorageBudget budget = new StorageBudget(MAX, 160 * MB, 800);

    @Test
    void boundsAllUsesTogether() {
        fill(budget.requests());
        fill(budget.outputs());
        fill(budget.files());
        assertThat(budget.requests().bytes()
                        + budget.outputs().bytes()
                        + budget.files().bytes())
                .isEqualTo(MAX);
        assertThat(budget.files().bytes()).isEqualTo(MAX / 2);
    }

    @Test
    void leavesRoomForTransitsInAFullStore() {
        fill(budget.files());
        assertThat(budget.files().bytes()).isEqualTo(MAX / 8 * 7);
        fill(budget.requests());
        assertThat(budget.requests().bytes()).isEqualTo(MAX / 16);
        fill(budget.outputs());
        assertThat(budget.outputs().bytes()).isEqualTo(MAX / 16);
    }

    /** What is small is let in where what is large is refused, with the store full and with the store empty. */
    @Test
    void leavesRoomForSmallHoldersBesideLargeOnes() {
        for (boolean full : new boolean[] {false, true}) {
            StorageBudget each = new StorageBudget(MAX, 160 * MB, 800);
            if (full) {
                fill(each.files());
            }
            Account requests = each.requests();
            long large = 0;
            while (fits(requests, BLOCK, large)) {
                large += BLOCK;
            }
            assertThat(large).isEqualTo((full ? MAX / 16 : MAX / 4) - MAX / 64);
            requests.take(BLOCK, 0);
            assertThat(fits(requests, 1, BLOCK)).isFalse();
        }
    }

    @Test
    void namesWhatIsFullAndItsLimit() {
        assertRefused(() -> budget.requests().take(MAX / 4 + 1, 0), "Request bodies on disk exceed maximum of 16 MB");
        assertRefused(() -> budget.outputs().take(MAX, 0), "Outputs on disk exceed maximum of 16 MB");
        assertRefused(() -> budget.files().take(MAX, 0), "Stored files exceed maximum of 64 MB");
        assertRefused(
                () -> new StorageBudget(MB).requests().take(MB, 0), "Request bodies on disk exceed maximum of 256 KB");
    }

    @Test
    void takesAllOrNothing() {
        budget.requests().take(5, 0);
        assertThat(fits(budget.requests(), MAX, 5)).isFalse();
        assertThat(budget.requests().bytes()).isEqualTo(5);
        budget.requests().release(5);
        assertThat(budget.requests().bytes()).isZero();
    }

    @Test
    void boundsOpenFiles() {
        for (int i = 0; i < 100; i++) {
            budget.outputs().takeFile();
        }
        assertRefused(() -> budget.outputs().takeFile(), "Outputs on disk exceed maximum of 100 open files");
        budget.outputs().releaseFile();
        budget.outputs().takeFile();
        budget.requests().takeFile();
    }

    @Test
    void boundsTheHeap() {
        ByteBudget heap = budget.requests().heap();
        assertThat(heap.tryTake(10 * MB)).isTrue();
        assertThat(heap.tryTake(1)).isFalse();
        assertThat(budget.outputs().heap().tryTake(10 * MB)).isTrue();
        heap.release(1);
        assertThat(heap.tryTake(1)).isTrue();
    }

    @Test
    void knowsHowManyDescriptorsThereAre() {
        assertThat(Descriptors.max()).isGreaterThanOrEqualTo(256);
    }

    private static void fill(Account account) {
        while (fits(account, BLOCK, 0)) {
            // Until it is full.
        }
    }

    private static boolean fits(Account account, long bytes, long held) {
        try {
            account.take(bytes, held);
            return true;
        } catch (ServiceException e) {
            return false;
        }
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .hasMessage(message)
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE_FULL));
    }
}
