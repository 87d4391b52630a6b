package dev.codeinterpreter.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HourNameTest {
    private static final String PROCESS = "0123abcd-0000-4000-8000-0123456789ab";

    @Test
    void saysTheHourToPeopleAndIsInTheOrderOfTime() {
        HourName name = new HourName(HourName.hourOf(Instant.parse("2026-11-30T13:59:59.999Z")), PROCESS);
        assertThat(name.text()).isEqualTo("2026-11-30T13~" + PROCESS);
        assertThat(HourName.parse(name.text())).contains(name);
        assertThat(Instant.ofEpochSecond(HourName.begin(name.hour()))).isEqualTo("2026-11-30T13:00:00Z");
        assertThat(HourName.before(name.hour())).isLessThan(name.text());
        assertThat(HourName.before(name.hour() + 1)).isGreaterThan(name.text());
        assertThat(new HourName(name.hour() + 1, "")).isGreaterThan(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-11-30T13",
                "2026-11-30T13~",
                "2026-11-31T13~" + PROCESS,
                "2026-11-30T24~" + PROCESS,
                "2026-11-30T13~" + PROCESS + "x",
                "2026-11-30T13~../../../../../../../../../../../../../",
                "x2026-11-30T13~" + PROCESS
            })
    void takesNothingElseForItsOwn(String text) {
        assertThat(HourName.parse(text)).isEqualTo(Optional.empty());
    }
}
