package dev.codeinterpreter.files.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path directory;

    /** A file that is in place must not stay there when its client is answered that it is not. */
    @Test
    void takesAChangeBackWhoseSumsCannotBeWritten() throws IOException {
        AtomicInteger undone = new AtomicInteger();
        Ledger ledger = ledger();
        assertThatThrownBy(() -> ledger.change(
                        sums -> {
                            ledger.close();
                            return sums.plus("owner", 1, 5);
                        },
                        undone::incrementAndGet))
                .isInstanceOf(IOException.class);
        assertThat(undone).hasValue(1);
        try (Ledger again = ledger()) {
            assertThat(again.refresh()).isEqualTo(Sums.NONE);
        }
    }

    @Test
    void leavesAChangeThatIsDone() throws IOException {
        AtomicInteger undone = new AtomicInteger();
        try (Ledger ledger = ledger()) {
            ledger.change(sums -> sums.plus("owner", 1, 5), undone::incrementAndGet);
            assertThat(ledger.refresh().total()).isEqualTo(new Sums.Sum(1, 5));
        }
        assertThat(undone).hasValue(0);
    }

    private Ledger ledger() throws IOException {
        return new Ledger(directory.resolve("ledger"), () -> Sums.NONE, Duration.ofSeconds(15));
    }
}
