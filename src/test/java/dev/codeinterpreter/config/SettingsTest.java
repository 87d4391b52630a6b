package dev.codeinterpreter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.assertj.core.api.ListAssert;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private enum Colour {
        RED,
        GREEN
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t \n"})
    void takesAnEmptyValueForTheDefault(String empty) {
        Settings settings = settings(empty);
        assertThat(settings.text("X", "text")).isEqualTo("text");
        assertThat(settings.optionalText("X")).isEmpty();
        assertThat(settings.integer("X", 7, 1, 9)).isEqualTo(7);
        assertThat(settings.megabytes("X", 2, 1)).isEqualTo(2 << 20);
        assertThat(settings.seconds("X", 2.5, 0, 9)).isEqualTo(Duration.ofMillis(2500));
        assertThat(settings.bytes("X", "1Mi", 1)).isEqualTo(1 << 20);
        assertThat(settings.decimal("X", 0.5, 0, 1)).isEqualTo(0.5);
        assertThat(settings.choice("X", Colour.class, Colour.GREEN)).isEqualTo(Colour.GREEN);
        assertThat(settings.words("X", "a,b")).containsExactly("a", "b");
        assertThat(settings.parsed("X", "parsed", "anything", Function.identity()))
                .isEqualTo("parsed");
        settings.verify();
    }

    @Test
    void takesAMissingVariableForTheDefault() {
        Settings settings = new Settings(name -> Optional.empty());
        assertThat(settings.integer("X", 7, 1, 9)).isEqualTo(7);
        assertThat(settings.optionalText("X")).isEmpty();
        settings.verify();
    }

    @Test
    void readsEveryType() {
        Settings settings = settings(Map.of(
                "TEXT", "some text",
                "INTEGER", "8",
                "MEGABYTES", "3",
                "SECONDS", "0.25",
                "BYTES", "64Ki",
                "DECIMAL", "1.5",
                "CHOICE", "green",
                "WORDS", "numpy,pandas"));
        assertThat(settings.text("TEXT", "")).isEqualTo("some text");
        assertThat(settings.optionalText("TEXT")).contains("some text");
        assertThat(settings.integer("INTEGER", 7, 1, 9)).isEqualTo(8);
        assertThat(settings.megabytes("MEGABYTES", 2, 1)).isEqualTo(3 << 20);
        assertThat(settings.seconds("SECONDS", 2.5, 0, 9)).isEqualTo(Duration.ofMillis(250));
        assertThat(settings.bytes("BYTES", "1Mi", 1)).isEqualTo(64 << 10);
        assertThat(settings.decimal("DECIMAL", 1, 0, 2)).isEqualTo(1.5);
        assertThat(settings.choice("CHOICE", Colour.class, Colour.RED)).isEqualTo(Colour.GREEN);
        assertThat(settings.words("WORDS", "")).containsExactly("numpy", "pandas");
        assertThat(settings.parsed("TEXT", 0, "a text", String::length)).isEqualTo(9);
        settings.verify();
    }

    @Test
    void ignoresBlanksAroundAValue() {
        assertThat(settings(" 8\n").integer("X", 7, 1, 9)).isEqualTo(8);
        assertThat(settings("\tred ").choice("X", Colour.class, Colour.GREEN)).isEqualTo(Colour.RED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"red", "RED", "Red"})
    void readsAChoiceInAnyCase(String text) {
        assertThat(settings(text).choice("X", Colour.class, Colour.GREEN)).isEqualTo(Colour.RED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a,b|2", "'a, b ,c'|3", "',,a,,'|1", "','|0", "' , '|0"})
    void splitsWordsAtCommasAndDropsEmptyOnes(String text, int count) {
        assertThat(settings(text).words("X", ""))
                .hasSize(count)
                .allMatch(word -> word.strip().equals(word));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "9"})
    void acceptsBothBoundsOfAnInteger(String bound) {
        Settings settings = settings(bound);
        assertThat(settings.integer("X", 7, 1, 9)).isEqualTo(Integer.parseInt(bound));
        settings.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "10", "-1", "5.0", "1e1", "0x5", "five", "5s", "4294967301", "9223372036854775808"})
    void refusesWhatIsNoIntegerWithinItsBounds(String text) {
        Settings settings = settings(text);
        assertThat(settings.integer("X", 7, 1, 9)).isEqualTo(7);
        assertThatLines(settings).containsExactly("X must be a whole number from 1 to 9, not '%s'".formatted(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "1073741825", "17Mi"})
    void refusesWhatIsNoNumberOfMegabytes(String text) {
        Settings settings = settings(text);
        assertThat(settings.megabytes("X", 256, 1)).isEqualTo(256 << 20);
        assertThatLines(settings)
                .containsExactly("X must be a whole number from 1 to 1073741824, not '%s'".formatted(text));
    }

    @ParameterizedTest
    @CsvSource({"0,1", "-7,1", "1,1", "9,9"})
    void raisesAnIntegerThatIsTooSmallWithAWarning(String text, int expected) {
        Settings settings = settings(text);
        assertThat(settings.integerAtLeast("X", 7, 1, 9)).isEqualTo(expected);
        settings.verify();
        assertThat(settings.warnings())
                .isEqualTo(
                        expected == Integer.parseInt(text)
                                ? List.of()
                                : List.of("X is %s, which is too little: 1 is used".formatted(text)));
    }

    @ParameterizedTest
    @CsvSource({"0,1000", "-1.5,1000", "0.05,1000", "0.1,100", "60,60000"})
    void raisesSecondsThatAreTooFewWithAWarning(String text, long millis) {
        Settings settings = settings(text);
        assertThat(settings.secondsAtLeast("X", 30, 0.1, 60, 1)).isEqualTo(Duration.ofMillis(millis));
        settings.verify();
        assertThat(settings.warnings()).hasSize(millis == 1000 ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"61", "NaN", "soon", "-1s"})
    void stillRefusesWhatCannotBeRaised(String text) {
        Settings settings = settings(text);
        assertThat(settings.secondsAtLeast("X", 2.5, 0.1, 60, 1)).isEqualTo(Duration.ofMillis(2500));
        assertThatLines(settings).containsExactly("X must be a number from 0.1 to 60, not '%s'".formatted(text));
        assertThat(settings.warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''|true", "' '|true", "x|false"})
    void knowsAVariableThatIsSetToNothing(String text, boolean isEmpty) {
        assertThat(settings(text).isEmpty("X")).isEqualTo(isEmpty);
        assertThat(settings(Map.of()).isEmpty("X")).isFalse();
    }

    /** It has no value for an empty variable and none for a missing one. */
    @Test
    void knowsThemApartInMicroProfileConfig() {
        System.setProperty("SETTINGS_TEST_EMPTY", "");
        System.setProperty("SETTINGS_TEST_TEXT", "text");
        try {
            Settings settings = new Settings(ConfigProvider.getConfig());
            assertThat(settings.isEmpty("SETTINGS_TEST_EMPTY")).isTrue();
            assertThat(settings.isEmpty("SETTINGS_TEST_MISSING")).isFalse();
            assertThat(settings.isEmpty("SETTINGS_TEST_TEXT")).isFalse();
            assertThat(settings.text("SETTINGS_TEST_EMPTY", "default")).isEqualTo("default");
            assertThat(settings.text("SETTINGS_TEST_TEXT", "default")).isEqualTo("text");
        } finally {
            System.clearProperty("SETTINGS_TEST_EMPTY");
            System.clearProperty("SETTINGS_TEST_TEXT");
        }
    }

    @Test
    void readsMegabytesBeyondTheIntegers() {
        assertThat(settings("1073741824").megabytes("X", 256, 1)).isEqualTo(1L << 50);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0.05", "61", "-1", "NaN", "Infinity", "-Infinity", "1e400", "soon", "30d", "0x1p3", "2f", "٥"})
    void refusesWhatIsNoNumberOfSeconds(String text) {
        Settings settings = settings(text);
        assertThat(settings.seconds("X", 2.5, 0.1, 60)).isEqualTo(Duration.ofMillis(2500));
        assertThatLines(settings).containsExactly("X must be a number from 0.1 to 60, not '%s'".formatted(text));
    }

    @ParameterizedTest
    @CsvSource({"0.1,100", "60,60000", "2,2000"})
    void readsSecondsWithAFraction(String text, long millis) {
        Settings settings = settings(text);
        assertThat(settings.seconds("X", 2.5, 0.1, 60)).isEqualTo(Duration.ofMillis(millis));
        settings.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1023", "0", "-1Mi", "1.5Gi", "big", "99999999Ti", "1025Gi"})
    void refusesWhatIsNoSize(String text) {
        Settings settings = settings(text);
        assertThat(settings.bytes("X", "256Mi", 1024)).isEqualTo(256 << 20);
        assertThatLines(settings)
                .containsExactly("X must be a size from 1024 bytes to 1Ti such as 256Mi, not '%s'".formatted(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.001", "1025", "NaN", "half"})
    void refusesWhatIsNoDecimal(String text) {
        Settings settings = settings(text);
        assertThat(settings.decimal("X", 1, 0.01, 1024)).isEqualTo(1);
        assertThatLines(settings).containsExactly("X must be a number from 0.01 to 1024, not '%s'".formatted(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blue", "red,green", "0"})
    void refusesWhatIsNoneOfTheChoices(String text) {
        Settings settings = settings(text);
        assertThat(settings.choice("X", Colour.class, Colour.RED)).isEqualTo(Colour.RED);
        assertThatLines(settings).containsExactly("X must be one of [red, green], not '%s'".formatted(text));
    }

    @Test
    void refusesWhatAParserRefuses() {
        Settings settings = settings("x");
        assertThat(settings.parsed("X", "default", "an even number of characters", text -> {
                    throw new IllegalArgumentException(text);
                }))
                .isEqualTo("default");
        assertThatLines(settings).containsExactly("X must be an even number of characters, not 'x'");
    }

    @Test
    void keepsAProblemThatQuotesSomethingOnOneLine() {
        Settings settings = settings(Map.of());
        settings.problem("A is red,\nand \u001b[1mB is not");
        assertThatLines(settings).containsExactly("A is red,?and ?[1mB is not");
    }

    @Test
    void reportsAllProblemsTogetherEachOnOneLine() {
        Settings settings = settings(Map.of("A", "many", "B", "red", "C", "blue"));
        int ignored = settings.integer("A", 1, 1, 9);
        settings.choice("B", Colour.class, Colour.GREEN);
        settings.choice("C", Colour.class, Colour.GREEN);
        settings.problem("A and B cannot be given together");
        assertThat(ignored).isEqualTo(1);
        assertThatLines(settings)
                .containsExactly(
                        "A must be a whole number from 1 to 9, not 'many'",
                        "C must be one of [red, green], not 'blue'",
                        "A and B cannot be given together");
        assertThatThrownBy(settings::verify)
                .hasMessage("A must be a whole number from 1 to 9, not 'many'; "
                        + "C must be one of [red, green], not 'blue'; A and B cannot be given together");
    }

    @Test
    void verifiesWhenEverythingParsed() {
        Settings settings = settings("5");
        int read = settings.integer("X", 7, 1, 9);
        assertThat(read).isEqualTo(5);
        assertThatCode(settings::verify).doesNotThrowAnyException();
    }

    private static ListAssert<String> assertThatLines(Settings settings) {
        return assertThat(lines(settings));
    }

    private static List<String> lines(Settings settings) {
        try {
            settings.verify();
            return List.of();
        } catch (InvalidSettingsException e) {
            return e.lines();
        }
    }

    /** Settings in which every variable is {@code value}. */
    private static Settings settings(String value) {
        return new Settings(name -> Optional.of(value));
    }

    private static Settings settings(Map<String, String> variables) {
        return new Settings(name -> Optional.ofNullable(variables.get(name)));
    }
}
