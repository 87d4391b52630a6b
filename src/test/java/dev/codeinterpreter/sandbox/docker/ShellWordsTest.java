package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {

    static Stream<Arguments> lines() {
        return Stream.of(
                line(""),
                line(" \t\n "),
                line("one", "one"),
                line("  one\ttwo\n three ", "one", "two", "three"),
                line("'one two' three", "one two", "three"),
                line("\"one two\" three", "one two", "three"),
                line("a'b c'd", "ab cd"),
                line("a\"b\"'c'", "abc"),
                line("''", ""),
                line("\"\" ''", "", ""),
                line("'it''s'", "its"),
                line("'\"' \"'\"", "\"", "'"),
                line("one\\ two", "one two"),
                line("\\'", "'"),
                line("\\\"", "\""),
                line("\\\\", "\\"),
                line("'a\\b'", "a\\b"),
                line("'a\\'", "a\\"),
                line("\"a\\\"b\"", "a\"b"),
                line("\"a\\\\b\"", "a\\b"),
                line("\"a\\$b\\`c\"", "a$b`c"),
                line("\"a\\nb\"", "a\\nb"),
                line("$HOME `id` $(id) * ~ ; | # x", "$HOME", "`id`", "$(id)", "*", "~", ";", "|", "#", "x"),
                line("--label 'a=b c' -e X=", "--label", "a=b c", "-e", "X="));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void splitsAsAShellDoes(String line, List<String> words) {
        assertThat(ShellWords.split(line)).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'", "\"", "a 'b", "a \"b", "\"a\\\"", "'a\" b", "a''\""})
    void refusesAQuoteThatIsNotClosed(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShellWords.split(line))
                .withMessage("a quote is not closed");
    }

    private static Arguments line(String line, String... words) {
        return Arguments.of(line, List.of(words));
    }
}
