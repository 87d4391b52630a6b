package dev.codeinterpreter.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramEnvironmentTest {

    /** All of it: whatever else a program sees is its image's. */
    @Test
    void isWhatTheContractSays() {
        assertThat(ProgramEnvironment.with(Map.of(), 1))
                .containsOnly(
                        Map.entry("HOME", "/tmp"),
                        Map.entry("USER", "sandbox"),
                        Map.entry("LOGNAME", "sandbox"),
                        Map.entry("LANG", "C.UTF-8"),
                        Map.entry("TZ", "UTC"),
                        Map.entry("PYTHONUNBUFFERED", "1"),
                        Map.entry("PYTHONDONTWRITEBYTECODE", "1"),
                        Map.entry("PYTHONIOENCODING", "utf-8"),
                        Map.entry("MPLCONFIGDIR", "/tmp/matplotlib"),
                        Map.entry("OMP_NUM_THREADS", "1"),
                        Map.entry("OPENBLAS_NUM_THREADS", "1"),
                        Map.entry("MKL_NUM_THREADS", "1"),
                        Map.entry("NUMEXPR_NUM_THREADS", "1"));
    }

    @ParameterizedTest
    @CsvSource({"0.01,1", "1,1", "1.5,2", "2,2", "2.01,3", "1024,1024"})
    void givesLibrariesAThreadForEachProcessor(double cpus, String threads) {
        Map<String, String> environment = ProgramEnvironment.with(Map.of(), cpus);
        for (String library : new String[] {"OMP", "OPENBLAS", "MKL", "NUMEXPR"}) {
            assertThat(environment).containsEntry(library + "_NUM_THREADS", threads);
        }
    }

    @Test
    void letsTheOperatorAddAndReplace() {
        assertThat(ProgramEnvironment.with(Map.of("TZ", "Europe/Berlin", "TEAM", "data"), 1))
                .containsEntry("TZ", "Europe/Berlin")
                .containsEntry("TEAM", "data")
                .containsEntry("HOME", "/tmp");
    }
}
