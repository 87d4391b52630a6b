package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.TenantLimits;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuAccountsTest {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final Caller ACME = caller("acme", 10);

    private final CpuAccounts accounts = new CpuAccounts();

    @Test
    void refusesATenantThatHasUsedItsHourUntilTheHourHasPassed() {
        accounts.add(ACME, Duration.ofSeconds(6), 0);
        accounts.add(ACME, Duration.ofSeconds(3), 10 * MINUTE);
        assertThatCode(() -> accounts.check(ACME, 10 * MINUTE)).doesNotThrowAnyException();
        accounts.add(ACME, Duration.ofSeconds(1), 20 * MINUTE);
        assertThatThrownBy(() -> accounts.check(ACME, 20 * MINUTE))
                .isInstanceOfSatisfying(ServiceException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.RATE_LIMITED);
                    assertThat(e).hasMessageContaining("10 processor seconds");
                });
        assertThatThrownBy(() -> accounts.check(ACME, 59 * MINUTE)).isInstanceOf(ServiceException.class);
        assertThatCode(() -> accounts.check(ACME, 60 * MINUTE)).doesNotThrowAnyException();
    }

    @Test
    void leavesOthersAlone() {
        accounts.add(ACME, Duration.ofSeconds(60), 0);
        assertThatCode(() -> accounts.check(caller("beta", 10), 0)).doesNotThrowAnyException();
        assertThatCode(() -> accounts.check(Caller.DEFAULT, 0)).doesNotThrowAnyException();
    }

    @Test
    void forgetsAllAfterALongSilence() {
        accounts.add(ACME, Duration.ofSeconds(60), 0);
        assertThatCode(() -> accounts.check(ACME, 100_000 * MINUTE)).doesNotThrowAnyException();
    }

    private static Caller caller(String tenant, long seconds) {
        return new Caller(
                tenant,
                "",
                Set.of(),
                new TenantLimits(
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        Optional.empty(),
                        OptionalLong.of(seconds)));
    }
}
