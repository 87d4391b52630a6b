package dev.codeinterpreter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1,1",
        "1048576,1048576",
        "007,7",
        "999999999999999,999999999999999",
        "1k,1000",
        "2M,2000000",
        "3G,3000000000",
        "4T,4000000000000",
        "1Ki,1024",
        "256Mi,268435456",
        "3Gi,3221225472",
        "4Ti,4398046511104",
        "8388607Ti,9223370937343148032"
    })
    void readsSizes(String text, long bytes) {
        assertThat(Quantity.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Mi",
                "1 Mi",
                " 1Mi",
                "1Mi ",
                "-1",
                "+1",
                "1.5Gi",
                "1e3",
                "1m",
                "1K",
                "1ki",
                "1MI",
                "1Mib",
                "1MB",
                "1Pi",
                "1Ei",
                "0x10",
                "٣",
                "1\n",
                "1000000000000000"
            })
    void refusesWhatIsNoSize(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quantity.parse(text))
                .withMessage("not a size: " + text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8388608Ti", "9223373T", "999999999999999M", "999999999999999Gi"})
    void refusesWhatDoesNotFitIntoALong(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Quantity.parse(text))
                .withMessageStartingWith("too large: " + text);
    }
}
