package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileIdTest {
    private static final String CANONICAL = "0f8fad5b-d9cb-469f-a165-70867728950e";

    @Test
    void takesTheCanonicalFormInEitherCase() {
        assertThat(FileId.parse(CANONICAL))
                .hasValueSatisfying(id -> assertThat(id).hasToString(CANONICAL));
        assertThat(FileId.parse("0F8FAD5B-D9CB-469F-A165-70867728950E")).isEqualTo(FileId.parse(CANONICAL));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "/etc/passwd",
                "../../etc/passwd",
                "0f8fad5b-d9cb-469f-a165-70867728950e.json",
                "0f8fad5b-d9cb-469f-a165-70867728950e\n",
                "0f8fad5b-d9cb-469f-a165-70867728950e\0",
                "{0f8fad5b-d9cb-469f-a165-70867728950e}",
                "0f8fad5bd9cb469fa16570867728950e",
                "f-d-4-a-7",
                "0f8fad5b-d9cb-469f-a165-7086772895\u0660e",
                "%2e%2e"
            })
    void takesNothingElse(String text) {
        assertThat(FileId.parse(text)).isEmpty();
    }

    @Test
    void takesNoLongText() {
        assertThat(FileId.parse("0".repeat(10_000_000))).isEmpty();
    }
}
