package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunArgumentsTest {

    @Test
    void hasNothingWithoutArguments() {
        RunArguments none = RunArguments.parse("");
        assertThat(none).isEqualTo(RunArguments.NONE);
        assertThat(none.labels()).isEmpty();
        assertThat(none.environment()).isEmpty();
        assertThat(none.mounts()).isEmpty();
        assertThat(none.memory()).isEmpty();
        assertThat(none.runtime()).isEmpty();
    }

    @Test
    void readsSeveralOptions() {
        RunArguments arguments = RunArguments.parse("--label team=data -l spare -e 'A=b c' --env B= "
                + "--dns 10.0.0.2 --dns 10.0.0.3 --ulimit nofile=100:200 --ulimit core=0");
        assertThat(arguments.labels()).isEqualTo(Map.of("team", "data", "spare", ""));
        assertThat(arguments.environment()).isEqualTo(Map.of("A", "b c", "B", ""));
        assertThat(arguments.dns()).containsExactly("10.0.0.2", "10.0.0.3");
        assertThat(arguments.ulimits())
                .containsExactly(new RunArguments.Ulimit("nofile", 100, 200), new RunArguments.Ulimit("core", 0, 0));
    }

    @Test
    void takesAValueBehindAnEqualsSign() {
        RunArguments arguments = RunArguments.parse(
                "--label=a=b=c --env=X=1=2 --ulimit=core=-1 --runtime=r --device-read-iops=/dev/SDA:1");
        assertThat(arguments.labels()).isEqualTo(Map.of("a", "b=c"));
        assertThat(arguments.environment()).isEqualTo(Map.of("X", "1=2"));
        assertThat(arguments.ulimits()).containsExactly(new RunArguments.Ulimit("core", -1, -1));
        assertThat(arguments.runtime()).contains("r");
        assertThat(arguments.diskRates()).containsExactly(new DiskRate(DiskRate.Kind.READ_IOPS, "/dev/SDA", 1));
    }

    @Test
    void lastOfSeveralWins() {
        RunArguments arguments = RunArguments.parse("--env X=1 --env X=2 --label a=1 -l a=2 --runtime r --runtime s");
        assertThat(arguments.environment()).isEqualTo(Map.of("X", "2"));
        assertThat(arguments.labels()).isEqualTo(Map.of("a", "2"));
        assertThat(arguments.runtime()).contains("s");
    }

    @Test
    void takesAVariableWithoutAValueFromOurOwnEnvironment() {
        assertThat(RunArguments.parse("-e PATH").environment()).isEqualTo(Map.of("PATH", System.getenv("PATH")));
        assertThat(RunArguments.parse("-e NO_SUCH_VARIABLE_ANYWHERE").environment())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--LABEL", "-eX", "--annotation", "--volume-driver", "--link", "label", "-", "--"})
    void refusesAnyOtherOptionByName(String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--label a=b %s=value --dns 1.1.1.1".formatted(option)))
                .withMessage("option %s is not accepted".formatted(option));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse(option))
                .withMessage("option %s is not accepted".formatted(option));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--label",
                "-l",
                "--env",
                "-e",
                "--env-file",
                "--add-host",
                "--dns",
                "--dns-search",
                "--hostname",
                "--memory",
                "--shm-size",
                "--cpuset-cpus",
                "--volume",
                "--mount",
                "--ulimit",
                "--runtime",
                "--device-read-bps"
            })
    void refusesAnOptionWithoutItsValue(String option) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--dns 1.1.1.1 " + option))
                .withMessage("option %s has no value".formatted(option));
    }

    @ParameterizedTest
    @CsvSource({
        "nofile,--ulimit nofile has no value",
        "nofile=,--ulimit nofile= is not a number",
        "nofile=many,--ulimit nofile=many is not a number",
        "nofile=1:,--ulimit nofile=1: is not a number",
        "nofile=1:2:3,--ulimit nofile=1:2:3 is not a number",
        "nofile=1.5,--ulimit nofile=1.5 is not a number",
        "nofile=99999999999999999999,--ulimit nofile=99999999999999999999 is not a number"
    })
    void refusesALimitThatIsNoNumber(String limit, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--ulimit " + limit))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "--device-read-bps,/dev/sda",
        "--device-read-bps,/dev/sda:",
        "--device-read-bps,/dev/sda:0",
        "--device-read-bps,/dev/sda:-1",
        "--device-write-bps,sda:1mb",
        "--device-write-bps,/dev/sda:1tb",
        "--device-write-bps,/dev/sda:999999999999999999g",
    })
    void refusesABadDiskRate(String option, String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse(option + " " + value))
                .withMessage("%s %s is not like /dev/sda:50mb".formatted(option, value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/sda:1mb", "/dev/sda:1k", "/dev/sda:1b", "/dev/sda:many"})
    void refusesOperationsInBytes(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--device-read-iops " + value))
                .withMessage("--device-read-iops %s is not like /dev/sda:1000".formatted(value));
    }

    @Test
    void refusesAQuoteThatIsNotClosed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunArguments.parse("--label 'a=b"))
                .withMessage("a quote is not closed");
    }
}
