package dev.codeinterpreter.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TransferRateTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final TransferRate rate = new TransferRate(1024, Duration.ofMinutes(1));

    @Test
    void endsAByteEvery24Seconds() {
        assertThat(rate.add(24 * SECOND, 1)).isTrue();
        assertThat(rate.add(24 * SECOND, 1)).isTrue();
        assertThat(rate.allowance()).isEqualTo(12 * SECOND);
        assertThat(rate.add(12 * SECOND, 1)).isFalse();
    }

    @Test
    void letsAPauseBeMadeUpFor() {
        assertThat(rate.add(50 * SECOND, 1)).isTrue();
        assertThat(rate.add(10 * SECOND, 60 * 1024)).isTrue();
        assertThat(rate.allowance()).as("another window").isEqualTo(60 * SECOND);
    }

    /** What comes at once counts in its own window only: nobody saves up for an hour of nothing. */
    @Test
    void keepsNoCredit() {
        assertThat(rate.add(0, 1L << 30)).isTrue();
        assertThat(rate.allowance()).isEqualTo(120 * SECOND);
        assertThat(rate.add(60 * SECOND, 0)).isTrue();
        assertThat(rate.add(60 * SECOND, 1)).isFalse();
    }

    /** A service that reads late, or a program that says nothing, is no slow client. */
    @Test
    void countsOnlyWaits() {
        for (int i = 0; i < 1000; i++) {
            assertThat(rate.add(0, 1)).isTrue();
        }
    }

    @Test
    void canBeOff() {
        TransferRate off = new TransferRate(0, Duration.ofMinutes(1));
        assertThat(off.allowance()).isEqualTo(Long.MAX_VALUE);
        assertThat(off.add(1000 * SECOND, 0)).isTrue();
    }
}
