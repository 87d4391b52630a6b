package dev.codeinterpreter.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.storage.StorageBudget;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBodyTest {
    private static final BodyLimits LIMITS = BodyLimits.ofBytes(4 << 20);

    @TempDir
    Path spool;

    @Test
    void readsEveryKindOfField() throws IOException {
        String json = """
                {"code":"print(1)","stdin":"é\\ud83d\\ude00","timeout_ms":5,"last_line_interactive":"OFF",
                 "files":[{"path":"a","file_id":"x"},{"file_id":"y","path":"b","more":1}],"unknown":[{}]}""";
        try (RequestBody body = body(json)) {
            Fields fields = body.fields();

            assertThat(content(fields.requiredText("code"))).isEqualTo("print(1)");
            assertThat(fields.optionalText("stdin").map(RequestBodyTest::content))
                    .contains("é😀");
            assertThat(fields.integer("timeout_ms", 2000, Bounds.atLeast(1))).isEqualTo(5);
            assertThat(fields.requiredInteger("timeout_ms", Bounds.between(1, 5)))
                    .isEqualTo(5);
            assertThat(fields.laxBoolean("last_line_interactive", true)).isFalse();
            assertThat(fields.list("files", f -> f.requiredString("path") + f.requiredString("file_id")))
                    .containsExactly("ax", "by");
            fields.verify();
        }
    }

    @Test
    void givesDefaultsForWhatIsMissing() throws IOException {
        try (RequestBody body = body("{\"stdin\":null}")) {
            Fields fields = body.fields();

            assertThat(fields.optionalText("stdin")).isEmpty();
            assertThat(fields.optionalText("other")).isEmpty();
            assertThat(fields.integer("timeout_ms", 2000, Bounds.atLeast(1))).isEqualTo(2000);
            assertThat(fields.laxBoolean("last_line_interactive", true)).isTrue();
            assertThat(fields.list("files", f -> f)).isEmpty();
            fields.verify();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|missing [\"body\",\"code\"] Field required {} {}",
                "{\"a\":1}|missing [\"body\",\"code\"] Field required {\"a\":1} {}",
                "{\"code\":5}|string_type [\"body\",\"code\"] Input should be a valid string 5 {}",
                "{\"code\":null}|string_type [\"body\",\"code\"] Input should be a valid string null {}",
                "{\"code\":\"\",\"stdin\":[]}|string_type [\"body\",\"stdin\"] Input should be a valid string [] {}",
                "{\"code\":\"\",\"timeout_ms\":\"5\"}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer \"5\" {}",
                "{\"code\":\"\",\"timeout_ms\":5.0}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer 5.0 {}",
                "{\"code\":\"\",\"timeout_ms\":5e0}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer 5.0 {}",
                "{\"code\":\"\",\"timeout_ms\":1e400}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer \"1e400\" {}",
                "{\"code\":\"\",\"timeout_ms\":true}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer true {}",
                "{\"code\":\"\",\"timeout_ms\":null}|int_type [\"body\",\"timeout_ms\"] Input should be a valid integer null {}",
                "{\"code\":\"\",\"timeout_ms\":0}|greater_than_equal [\"body\",\"timeout_ms\"] Input should be greater than or equal to 1 0 {\"ge\":1}",
                "{\"code\":\"\",\"timeout_ms\":-99999999999}|greater_than_equal [\"body\",\"timeout_ms\"] Input should be greater than or equal to 1 -99999999999 {\"ge\":1}",
                "{\"code\":\"\",\"ttl\":86401}|less_than_equal [\"body\",\"ttl\"] Input should be less than or equal to 86400 86401 {\"le\":86400}",
                "{\"code\":\"\",\"ttl\":99999999999999999999}|less_than_equal [\"body\",\"ttl\"] Input should be less than or equal to 86400 99999999999999999999 {\"le\":86400}",
                "{\"code\":\"\",\"last\":\"maybe\"}|bool_parsing [\"body\",\"last\"] Input should be a valid boolean, unable to interpret input \"maybe\" {}",
                "{\"code\":\"\",\"last\":2}|bool_parsing [\"body\",\"last\"] Input should be a valid boolean, unable to interpret input 2 {}",
                "{\"code\":\"\",\"last\":1.5}|bool_type [\"body\",\"last\"] Input should be a valid boolean 1.5 {}",
                "{\"code\":\"\",\"last\":null}|bool_type [\"body\",\"last\"] Input should be a valid boolean null {}",
                "{\"code\":\"\",\"last\":{}}|bool_type [\"body\",\"last\"] Input should be a valid boolean {} {}",
                "{\"code\":\"\",\"files\":{}}|list_type [\"body\",\"files\"] Input should be a valid list {} {}",
                "{\"code\":\"\",\"files\":null}|list_type [\"body\",\"files\"] Input should be a valid list null {}",
                "{\"code\":\"\",\"files\":[{\"file_id\":\"x\"}]}|missing [\"body\",\"files\",0,\"path\"] Field required {\"file_id\":\"x\"} {}",
                "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":7}]}|string_type [\"body\",\"files\",0,\"file_id\"] Input should be a valid string 7 {}",
                "{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":\"x\"},null]}|model_attributes_type [\"body\",\"files\",1] Input should be a valid dictionary or object to extract fields from null {}",
                "{\"code\":\"a\\ud800b\"}|string_unicode [\"body\",\"code\"] Input should be a valid string, unable to parse raw data as a unicode string \"a\uFFFDb\" {}",
                "[]|model_attributes_type [\"body\"] Input should be a valid dictionary or object to extract fields from [] {}",
                "\"x\"|model_attributes_type [\"body\"] Input should be a valid dictionary or object to extract fields from \"x\" {}",
                "null|missing [\"body\"] Field required null {}",
            })
    void tellsWhatIsWrong(String json, String expected) {
        assertThat(errors(json)).containsExactly(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{|1|Expecting property name enclosed in double quotes",
                "` `|1|Expecting value",
                "{\"code\":}|8|Expecting value",
                "{\"code\":\"x\"|11|Expecting ',' delimiter",
                "{\"code\":\"x\",}|12|Expecting property name enclosed in double quotes",
                "{\"code\" 1}|8|Expecting ':' delimiter",
                "{code:1}|1|Expecting value",
                "[1 2]|3|Expecting ',' delimiter",
                "[1,]|3|Expecting value",
                "{\"a\":NaN}|5|Expecting value",
                "{\"a\":Infinity}|5|Expecting value",
                "{\"a\":-Infinity}|6|Expecting value",
                "{\"a\":01}|6|Expecting ',' delimiter",
                "{} x|3|Extra data",
                "{}{|2|Extra data",
                "{\"code\":\"\\q\"}|9|Invalid \\escape",
                "{\"code\":\"\\u12g4\"}|10|Invalid \\uXXXX escape",
                "{\"code\":\"abc|8|Unterminated string starting at",
                "{\"code\":\"a\u0001b\"}|10|Invalid control character at",
            })
    void tellsWhereJsonIsMalformed(String json, long position, String reason) {
        assertThat(errors(json))
                .containsExactly("json_invalid [\"body\",%d] JSON decode error {} {\"error\":\"%s\"}"
                        .formatted(position, reason.replace("\\", "\\\\")));
    }

    @Test
    void keepsPositionsBehindALongString() {
        String start = "{\"code\":\"" + "a\\n".repeat(50_000) + "\",";

        assertThat(errors(start + "}")).singleElement().asString().contains("[\"body\"," + start.length() + "]");
    }

    @Test
    void findsABadEscapeInALongString() {
        String start = "{\"code\":\"" + "a".repeat(100_000);

        assertThat(errors(start + "\\x\"}"))
                .containsExactly("json_invalid [\"body\",%d] JSON decode error {} {\"error\":\"Invalid \\\\escape\"}"
                        .formatted(start.length()));
    }

    @Test
    void reportsAllErrorsInTheOrderOfTheFields() {
        assertThat(errors("{\"files\":[5,{}],\"last\":[],\"timeout_ms\":0,\"stdin\":1}"))
                .map(error -> error.substring(0, error.indexOf(' ')))
                .containsExactly(
                        "missing",
                        "string_type",
                        "greater_than_equal",
                        "bool_type",
                        "model_attributes_type",
                        "missing",
                        "missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.0", "true", "\"1\"", "\"TRUE\"", "\"yes\"", "\"On\"", "\"t\"", "\"Y\""})
    void takesManyWordsForTrue(String word) throws IOException {
        try (RequestBody body = body("{\"b\":" + word + "}")) {
            assertThat(body.fields().laxBoolean("b", false)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "0.0", "false", "\"0\"", "\"False\"", "\"no\"", "\"oFf\"", "\"f\"", "\"N\""})
    void takesManyWordsForFalse(String word) throws IOException {
        try (RequestBody body = body("{\"b\":" + word + "}")) {
            assertThat(body.fields().laxBoolean("b", true)).isFalse();
        }
    }

    @Test
    void takesTheNearestIntegerForAHugeOne() throws IOException {
        try (RequestBody body = body("{\"n\":" + "9".repeat(100_000) + "}")) {
            assertThat(body.fields().integer("n", 1, Bounds.atLeast(1))).isEqualTo(Integer.MAX_VALUE);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=latin1",
                "APPLICATION/JSON",
                "application/vnd.x+json",
                " application/json ;;",
                ""
            })
    void acceptsEveryKindOfJson(String contentType) throws IOException {
        try (RequestBody body = read(Map.of("Content-Type", contentType), stream("{}"))) {
            body.fields().verify();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/jsonx", "application/json/x", "application", "text/json", ";"})
    void echoesABodyThatIsNotJson(String contentType) {
        assertThat(errors(() -> read(Map.of("Content-Type", contentType), stream("{\"code\":\"x\"}"))))
                .containsExactly("model_attributes_type [\"body\"] Input should be a valid dictionary or object to"
                        + " extract fields from \"{\\\"code\\\":\\\"x\\\"}\" {}");
    }

    @Test
    void saysThatAnEmptyBodyIsMissing() {
        assertThat(errors("")).containsExactly("missing [\"body\"] Field required null {}");
    }

    @Test
    void skipsAByteOrderMarkAndLetsTheLastDuplicateWin() throws IOException {
        try (RequestBody body = body("\uFEFF{\"code\":1,\"code\":\"x\"}")) {
            assertThat(content(body.fields().requiredText("code"))).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0xC0, 0xED, 0xFF})
    void refusesWhatIsNotUtf8(int bad) {
        byte[] json = {'{', '"', (byte) bad, (byte) 0xA0, (byte) 0x80, '"', ':', '1', '}'};

        assertRefused(() -> read(Map.of(), new ByteArrayInputStream(json)), ErrorCode.MALFORMED_BODY);
    }

    @Test
    void survivesDeepNesting() {
        String deep = "[".repeat(400_000);

        assertRefused(() -> body(deep), ErrorCode.MALFORMED_BODY);
        assertRefused(() -> body("{\"a\":".repeat(100_000)), ErrorCode.MALFORMED_BODY);
    }

    @Test
    void refusesTooManyValuesAndTooManyCharacters() {
        assertRefused(() -> body("[" + "0,".repeat(60_000) + "0]"), ErrorCode.TOO_LARGE);
        assertRefused(() -> body("[" + " ".repeat(1 << 20) + "]"), ErrorCode.TOO_LARGE);
    }

    @Test
    void refusesALargeBodyBeforeAndWhileReading() {
        Map<String, String> announced = Map.of("Content-Length", "4194305");

        assertThatThrownBy(() -> read(announced, InputStream.nullInputStream()))
                .isInstanceOf(ServiceException.class)
                .hasMessage("Request body exceeds maximum of 4 MB");
        assertRefused(() -> body("{\"code\":\"" + "x".repeat(4 << 20) + "\"}"), ErrorCode.TOO_LARGE);
        assertThat(spool).isEmptyDirectory();
    }

    @Test
    void refusesACompressedBody() {
        assertRefused(() -> read(Map.of("Content-Encoding", "gzip"), stream("{}")), ErrorCode.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void cutsWhatItEchoes() {
        List<String> errors = errors("{\"code\":[\"" + "x".repeat(900_000) + "\",\"" + "y".repeat(60_000) + "\"]}");

        assertThat(errors).singleElement().asString().hasSizeBetween(2000, 3000).contains("xxx...");
        assertThat(errors("{\"a\":[" + "{\"b\":\"0123456789\"},".repeat(20_000) + "0]}"))
                .singleElement()
                .asString()
                .hasSizeLessThan(12_000);
    }

    @Test
    void refusesALongStringWhereAShortOneBelongs() {
        assertThat(errors("{\"code\":\"\",\"files\":[{\"path\":\"p\",\"file_id\":\"" + "x".repeat(70_000) + "\"}]}"))
                .singleElement()
                .asString()
                .startsWith("string_too_long [\"body\",\"files\",0,\"file_id\"]")
                .endsWith("{\"max_length\":10240}")
                .hasSizeLessThan(1500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\\u0061", "\\u00e9", "\u20ac", "\\ud83d\\ude00"})
    void boundsAShortStringByItsBytesHoweverItIsEscaped(String character) throws IOException {
        int bytes = character.contains("61") || character.equals("a")
                ? 1
                : character.contains("e9") ? 2 : character.length() == 1 ? 3 : 4;
        int fits = 10_240 / bytes;
        String json = "{\"files\":[{\"path\":\"%s\",\"file_id\":\"x\"}]}";
        try (RequestBody body = body(json.formatted(character.repeat(fits)))) {
            Fields fields = body.fields();
            assertThat(fields.list("files", f -> f.requiredString("path"))
                            .getFirst()
                            .getBytes(java.nio.charset.StandardCharsets.UTF_8))
                    .hasSize(fits * bytes);
            fields.verify();
        }
        try (RequestBody body = body(json.formatted(character.repeat(fits + 1)))) {
            Fields fields = body.fields();
            List<String> _ = fields.list("files", f -> f.requiredString("path"));
            assertThatThrownBy(fields::verify).isInstanceOf(SchemaException.class);
        }
    }

    @Test
    void findsALoneSurrogateInALongString() {
        assertThat(errors("{\"code\":\"" + "x".repeat(70_000) + "\\udc00\"}"))
                .singleElement()
                .asString()
                .startsWith("string_unicode");
    }

    @Test
    void keepsALongStringOutOfTheDirectoryAndOfTheHeap() throws IOException {
        String line = "print('é😀')\n";
        int lines = 150_000;
        try (RequestBody body = body("{\"code\":\"" + line.replace("\n", "\\n").repeat(lines) + "\",\"n\":7}")) {
            Fields fields = body.fields();
            Text code = fields.requiredText("code");
            fields.verify();

            assertThat(code).isInstanceOf(Text.Spooled.class);
            assertThat(content(code)).isEqualTo(line.repeat(lines));
            assertThat(code.utf8Length()).isEqualTo((long) lines * line.getBytes(StandardCharsets.UTF_8).length);
            assertThat(spool).isEmptyDirectory();
            assertThat(fields.integer("n", 0, Bounds.atLeast(1))).isEqualTo(7);
        }
    }

    @Test
    void makesItsDirectoryForItselfAlone() throws IOException {
        Path directory = spool.resolve("a/b");
        try (RequestBody body = RequestBody.read(
                name -> null, stream("{\"c\":\"" + "x".repeat(70_000) + "\"}"), LIMITS, spools(directory))) {
            assertThat(body.fields().requiredText("c").utf8Length()).isEqualTo(70_000);
        }
        assertThat(Files.getPosixFilePermissions(directory)).hasToString("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]");
    }

    @Test
    void tellsAClientThatWentAwayFromABadBody() throws IOException {
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        InputStream broken = new SequenceInputStream(stream("{\"code\":\"abc"), closed);

        assertThatThrownBy(() -> read(Map.of(), broken)).isInstanceOf(ClientGoneException.class);
    }

    @Test
    void neverShowsATextInALog() {
        assertThat(Text.of("secret").toString()).doesNotContain("secret");
    }

    private interface Reading {
        RequestBody body() throws IOException;
    }

    private RequestBody body(String json) {
        return read(Map.of("Content-Type", "application/json"), stream(json));
    }

    private RequestBody read(Map<String, String> headers, InputStream in) {
        RequestBodies.Headers names = new RequestBodies.Headers() {
            @Override
            public @Nullable String value(String name) {
                return headers.get(name);
            }
        };
        return RequestBody.read(names, in, LIMITS, spools(spool));
    }

    private static SpoolDirectory spools(Path directory) {
        return new SpoolDirectory(directory, new StorageBudget(1 << 30));
    }

    private List<String> errors(String json) {
        return errors(() -> body(json));
    }

    /** The errors of an execute request. */
    private static List<String> errors(Reading reading) {
        SchemaException failure = catchThrowableOfType(SchemaException.class, () -> {
            try (RequestBody body = reading.body()) {
                Fields fields = body.fields();
                Text _ = fields.requiredText("code");
                Optional<Text> _ = fields.optionalText("stdin");
                int _ = fields.integer("timeout_ms", 2000, Bounds.atLeast(1));
                int _ = fields.integer("ttl", 900, Bounds.between(1, 86_400));
                boolean _ = fields.laxBoolean("last", true);
                List<String> _ = fields.list("files", f -> f.requiredString("path") + f.requiredString("file_id"));
                fields.verify();
            }
        });
        assertThat(failure).isNotNull();
        return failure.errors().stream()
                .map(e -> "%s %s %s %s %s".formatted(e.type(), e.location(), e.message(), e.input(), e.context()))
                .toList();
    }

    private static void assertRefused(Reading reading, ErrorCode code) {
        assertThatThrownBy(reading::body)
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static String content(Text text) {
        try (InputStream in = text.open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
