package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FilesConfigTest {
    private static final long MB = 1 << 20;

    @Test
    void hasDefaults() {
        assertThat(FilesConfig.from(settings(Map.of())))
                .isEqualTo(new FilesConfig(
                        Path.of("/tmp/code-interpreter-files"), 100 * MB, Duration.ofHours(1), 10_240 * MB));
    }

    @Test
    void readsEveryVariable() {
        Settings settings = settings(Map.of(
                "FILE_STORAGE_DIR", "/data",
                "MAX_FILE_SIZE_MB", "300",
                "FILE_TTL_SEC", "60",
                "FILE_STORAGE_MAX_MB", "1000"));

        assertThat(FilesConfig.from(settings))
                .isEqualTo(new FilesConfig(Path.of("/data"), 300 * MB, Duration.ofMinutes(1), 1000 * MB));
    }

    @Test
    void hasNoValueThatMeansUnlimited() {
        Settings settings = settings(Map.of("MAX_FILE_SIZE_MB", "0", "FILE_TTL_SEC", "0", "FILE_STORAGE_MAX_MB", "-1"));

        assertThat(FilesConfig.from(settings)).isEqualTo(FilesConfig.from(settings(Map.of())));
        assertThatThrownBy(settings::verify)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.lines()).hasSize(3));
    }

    private static Settings settings(Map<String, String> environment) {
        return new Settings(name -> Optional.ofNullable(environment.get(name)));
    }
}
