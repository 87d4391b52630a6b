package dev.codeinterpreter.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.Settings;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceLimitsTest {
    private static final long MIB = 1 << 20;

    @Test
    void hasDefaults() {
        Settings settings = settings(Map.of());
        assertThat(ResourceLimits.from(settings))
                .isEqualTo(new ResourceLimits(256 * MIB, 256 * MIB, 64 * MIB, 16 * MIB, 64, 1, 5, 24 * MIB));
        settings.verify();
    }

    @Test
    void readsEveryVariable() {
        Settings settings = settings(Map.of(
                "MEMORY_LIMIT_MB", "512",
                "WORKSPACE_SIZE_LIMIT", "1Gi",
                "TMP_SIZE_LIMIT", "32Mi",
                "PIDS_LIMIT", "128",
                "CPU_LIMIT", "2.5",
                "CPU_TIME_LIMIT_SEC", "60"));
        assertThat(ResourceLimits.from(settings))
                .isEqualTo(new ResourceLimits(512 * MIB, 1024 * MIB, 32 * MIB, 16 * MIB, 128, 2.5, 60, 24 * MIB));
        settings.verify();
    }

    @Test
    void addsTheFileSystemsAndTheRunnerToTheProgramsMemory() {
        ResourceLimits limits = new ResourceLimits(256 * MIB, 100 * MIB, 30 * MIB, 10 * MIB, 64, 1, 5, 50 * MIB);
        assertThat(limits.containerMemory() - 256 * MIB - 100 * MIB - 30 * MIB - 10 * MIB)
                .as("what is left for the runner")
                .isEqualTo(50 * MIB);
        assertThat(limits.withRunnerMemory(70 * MIB).containerMemory() - limits.containerMemory())
                .isEqualTo(20 * MIB);
    }

    /** No limit can be switched off: an engine takes zero or a negative number for "without". */
    @ParameterizedTest
    @CsvSource({
        "MEMORY_LIMIT_MB,0",
        "MEMORY_LIMIT_MB,-1",
        "MEMORY_LIMIT_MB,15",
        "WORKSPACE_SIZE_LIMIT,0",
        "WORKSPACE_SIZE_LIMIT,-1",
        "TMP_SIZE_LIMIT,0",
        "PIDS_LIMIT,0",
        "PIDS_LIMIT,-1",
        "PIDS_LIMIT,32769",
        "CPU_LIMIT,0",
        "CPU_LIMIT,-1",
        "CPU_LIMIT,NaN",
        "CPU_TIME_LIMIT_SEC,0",
        "CPU_TIME_LIMIT_SEC,-1"
    })
    void refusesWhatWouldBeNoLimit(String name, String value) {
        Settings settings = settings(Map.of(name, value));
        assertThat(ResourceLimits.from(settings)).isEqualTo(ResourceLimits.from(settings(Map.of())));
        assertThatThrownBy(settings::verify)
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageStartingWith(name + " must be ")
                .hasMessageEndingWith("not '%s'".formatted(value));
    }

    private static Settings settings(Map<String, String> variables) {
        return new Settings(name -> Optional.ofNullable(variables.get(name)));
    }
}
