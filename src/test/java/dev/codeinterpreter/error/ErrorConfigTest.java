package dev.codeinterpreter.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorConfigTest {
    @Test
    void hasDefaults() {
        assertThat(ErrorConfig.from(new Settings(name -> Optional.empty())))
                .isEqualTo(new ErrorConfig(Duration.ofSeconds(2), Duration.ofSeconds(10)));
    }

    /** As the reference, which never says 0. */
    @Test
    void neverTellsAClientToTryAgainAtOnce() {
        assertThat(ErrorConfig.from(new Settings(name -> Optional.of("0"))))
                .isEqualTo(new ErrorConfig(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    }

    @Test
    void readsEveryVariable() {
        Map<String, String> environment = Map.of("EXECUTION_RETRY_AFTER_SEC", "3", "CAPACITY_RETRY_AFTER_SEC", "4");

        assertThat(ErrorConfig.from(new Settings(name -> Optional.ofNullable(environment.get(name)))))
                .isEqualTo(new ErrorConfig(Duration.ofSeconds(3), Duration.ofSeconds(4)));
    }
}
