package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.StorageBudget;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaTest {

    /** However empty, each takes a directory and blocks of its own on the disk. */
    @ParameterizedTest
    @CsvSource({"1048576, 10000", "368640000, 30000", "10737418240, 100000"})
    void boundsEmptyFilesByWhatTheyTakeOfTheDisk(long maxBytes, int maxFiles) {
        Quota quota = new Quota(new StorageBudget(maxBytes).files(), maxBytes);
        for (int i = 0; i < maxFiles; i++) {
            quota.takeFile("");
        }
        assertThatThrownBy(() -> quota.takeFile(""))
                .isInstanceOf(ServiceException.class)
                .hasMessage("Stored files exceed maximum of %d files".formatted(maxFiles));
        quota.release(Owner.DEFAULT, "", 0);
        quota.takeFile("");
    }
}
