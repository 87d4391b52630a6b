package dev.codeinterpreter.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitsTest {
    private static final long SECOND = 1_000_000_000L;

    private final RateLimits limits = new RateLimits();

    @Test
    void grantsAMinutesRequestsAtOnceAndThenOneForEachSecond() {
        for (int left = 59; left >= 0; left--) {
            assertThat(limits.take("a", 60, 0).remaining()).isEqualTo(left);
        }
        RateLimits.Grant refused = limits.take("a", 60, SECOND / 2);
        assertThat(refused.isRefused()).isTrue();
        assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(500));
        assertThat(limits.take("a", 60, SECOND).isRefused()).isFalse();
        assertThat(limits.take("a", 60, SECOND).isRefused()).isTrue();
    }

    @Test
    void fillsNoFurtherThanAMinutes() {
        assertThat(limits.take("a", 60, 0).remaining()).isEqualTo(59);
        assertThat(limits.take("a", 60, 3600 * SECOND).remaining()).isEqualTo(59);
        assertThat(limits.take("a", 60, 3600 * SECOND).reset()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void keepsTenantsApart() {
        assertThat(limits.take("a", 1, 0).isRefused()).isFalse();
        assertThat(limits.take("a", 1, 0).isRefused()).isTrue();
        assertThat(limits.take("b", 1, 0).isRefused()).isFalse();
    }

    @Test
    void aSmallerLimitCountsAtOnce() {
        assertThat(limits.take("a", 100, 0).remaining()).isEqualTo(99);
        assertThat(limits.take("a", 2, 0).remaining()).isEqualTo(1);
    }
}
