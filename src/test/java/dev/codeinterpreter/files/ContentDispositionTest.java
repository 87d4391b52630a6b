package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDispositionTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "data.csv|data.csv|data.csv",
                "a b.txt|a b.txt|a%20b.txt",
                "x\".csv|x_.csv|x%22.csv",
                "a;b|a_b|a%3Bb",
                "a\\b|a_b|a%5Cb",
                "100%25.txt|100_25.txt|100%2525.txt",
                "报告.csv|__.csv|%E6%8A%A5%E5%91%8A.csv",
                "😀|_|%F0%9F%98%80",
                "pkg/__main__.py|pkg___main__.py|pkg%2F__main__.py",
                "..|..|..",
                "it's (1)*.txt|it's (1)*.txt|it%27s%20%281%29%2A.txt",
                "é|_|%C3%A9",
                "``|file|file",
            })
    void namesTheFileTwice(String name, String fallback, String escaped) {
        assertThat(ContentDisposition.attachment(name))
                .isEqualTo("attachment; filename=\"%s\"; filename*=UTF-8''%s".formatted(fallback, escaped));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\nX-Evil: 1", "a\nb", "a\0b", "\u001b[31m", "a\u2028b", "\u007f", "a\ud800b"})
    void staysOnOneLineOfPlainAscii(String name) {
        assertThat(ContentDisposition.attachment(name)).matches("[ -~]+").doesNotContain("\r", "\n");
    }

    @Test
    void staysShort() {
        assertThat(ContentDisposition.attachment("报".repeat(5000))).hasSizeLessThan(3500);
    }
}
