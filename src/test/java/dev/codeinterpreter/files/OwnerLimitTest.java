package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnerLimitTest {
    @ParameterizedTest
    @CsvSource({"1024, 10240, 10000", "1, 10240, 1000", "10240, 10240, 100000", "99999, 10240, 100000", "5, 10, 5000"})
    void boundsFilesByTheShareOfBytes(long megabytes, long storeMegabytes, long maxFiles) {
        OwnerLimit limit = new OwnerLimit(Owner.DEFAULT, OptionalLong.of(megabytes << 20));
        assertThatCode(() -> limit.checkFiles(maxFiles, storeMegabytes << 20)).doesNotThrowAnyException();
        assertThatThrownBy(() -> limit.checkFiles(maxFiles + 1, storeMegabytes << 20))
                .hasMessage(
                        "Stored files of this tenant exceed its maximum of %d files (storage_mb)".formatted(maxFiles));
    }

    @Test
    void boundsNothingWithoutALimit() {
        OwnerLimit none = new OwnerLimit(Owner.DEFAULT, OptionalLong.empty());
        assertThatCode(() -> none.checkFiles(1L << 40, 1)).doesNotThrowAnyException();
        assertThatCode(() -> none.checkBytes(1L << 60)).doesNotThrowAnyException();
    }
}
