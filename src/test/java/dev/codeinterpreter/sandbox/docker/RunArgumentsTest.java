package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunArgumentsTest {

    @Test
    void hasNothingWithoutArguments() {
        assertThat(RunArguments.parse(""))
                .isEqualTo(RunArguments.NONE)
                .isEqualTo(new RunArguments(
                        Map.of(), Map.of(), List.of(), List.of(), List.of(), List.of(), Optional.empty()));
    }

    @Test
    void readsEveryOption() {
        assertThat(RunArguments.parse("--label team=data -l spare -e 'A=b c' --env B= --add-host db:10.0.0.1 "
                        + "--dns 10.0.0.2 --dns 10.0.0.3 --ulimit nofile=100:200 --ulimit core=0 --runtime runsc "
                        + "--device-read-bps /dev/sda:50mb --device-write-iops /dev/sdb:1000"))
                .isEqualTo(new RunArguments(
                        Map.of("team", "data", "spare", ""),
                        Map.of("A", "b c", "B", ""),
                        List.of("db:10.0.0.1"),
                        List.of("10.0.0.2", "10.0.0.3"),
                        List.of(new RunArguments.Ulimit("nofile", 100, 200), new RunArguments.Ulimit("core", 0, 0)),
                        List.of(
                                new DiskRate(DiskRate.Kind.READ_BPS, "/dev/sda", 50 << 20),
                                new DiskRate(DiskRate.Kind.WRITE_IOPS, "/dev/sdb", 1000)),
                        Optional.of("runsc")));
    }

    @Test
    void takesAValueBehindAnEqualsSign() {
        assertThat(RunArguments.parse(
                        "--label=a=b=c --env=X=1=2 --add-host=h:1 --dns=8.8.8.8 --ulimit=core=-1 --runtime=r "
                                + "--device-read-iops=/dev/SDA:1 --device-write-bps=/dev/sda:1G"))
                .isEqualTo(new RunArguments(
                        Map.of("a", "b=c"),
                        Map.of("X", "1=2"),
                        List.of("h:1"),
                        List.of("8.8.8.8"),
                        List.of(new RunArguments.Ulimit("core", -1, -1)),
                        List.of(
                                new DiskRate(DiskRate.Kind.READ_IOPS, "/dev/SDA", 1),
                                new DiskRate(DiskRate.Kind.WRITE_BPS, "/dev/sda", 1L << 30)),
                        Optional.of("r")));
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
    @ValueSource(
            strings = {
                "--privileged",
                "--cap-add",
                "--volume",
                "-v",
                "--mount",
                "--device",
                "--network",
                "--net",
                "--pid",
                "--ipc",
                "--uts",
                "--userns",
                "--user",
                "-u",
                "--security-opt",
                "--pids-limit",
                "--memory",
                "--cpus",
                "--cgroup-parent",
                "--group-add",
                "--entrypoint",
                "--rm",
                "--LABEL",
                "-eX",
                "label",
                "-",
                "--"
            })
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
                "--add-host",
                "--dns",
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
