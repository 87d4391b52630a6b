package dev.codeinterpreter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationTest {

    /** Two readers would have two defaults one day. */
    @Test
    void readsEachSettingOnce() {
        List<String> read = new ArrayList<>();
        Settings settings = new Settings(name -> {
            read.add(name);
            return Optional.empty();
        });
        assertThat(Configuration.from(settings).all())
                .doesNotHaveDuplicates()
                .hasSize(Configuration.class.getRecordComponents().length);
        settings.verify();
        assertThat(read).doesNotHaveDuplicates().contains("MAX_OUTPUT_BYTES", "FILE_STORAGE_DIR", "WARM_POOL_SIZE");
    }
}
