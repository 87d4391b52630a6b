package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FileReaperTest {
    @Test
    void comesByATenthOfTheLifetimeApartWithinReason() {
        assertThat(FileReaper.period(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
        assertThat(FileReaper.period(Duration.ofMinutes(5))).isEqualTo(Duration.ofSeconds(30));
        assertThat(FileReaper.period(Duration.ofHours(1))).isEqualTo(Duration.ofMinutes(1));
    }
}
