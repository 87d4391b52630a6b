package dev.codeinterpreter.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.SchemaException;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.local.LocalStores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UploadReaderTest {
    private static final String FORM = "multipart/form-data; boundary=xx";
    private static final String FILE = "form-data; name=\"file\"; filename=\"a.txt\"";
    private static final String FIELD = "form-data; name=\"file\"";
    private static final long MB = 1 << 20;

    @TempDir
    Path directory;

    private FileStore store;

    @BeforeEach
    void openStore() {
        FilesConfig config = new FilesConfig(directory.resolve("store"), MB, Duration.ofHours(1), 10 * MB);
        store = LocalStores.open(config, new MovableClock());
    }

    @AfterEach
    void nothingUnfinishedIsLeft() {
        assertThat(directory.resolve("store/incoming")).isEmptyDirectory();
        store.close();
    }

    @Test
    void storesTheFileOfAForm() throws IOException {
        StoredFile file = upload(part("form-data; name=\"other\"", "x") + part(FILE, "a\r\n--x\r\nb") + "--xx--");

        assertThat(file.name()).isEqualTo("a.txt");
        assertThat(content(file)).isEqualTo("a\r\n--x\r\nb");
    }

    /** It was taken apart, and its last part stored under the part's name. */
    @Test
    void storesAPartThatIsAFormItself() throws IOException {
        String content = "--yy\r\nContent-Disposition: attachment; filename=\"b.txt\"\r\n\r\ninner\r\n--yy--";
        StoredFile file = upload("--xx\r\nContent-Disposition: " + FILE
                + "\r\nContent-Type: Multipart/Mixed; boundary=yy\r\n\r\n" + content + "\r\n--xx--");

        assertThat(file.name()).isEqualTo("a.txt");
        assertThat(content(file)).isEqualTo(content);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "filename=\"报告.csv\"|报告.csv",
                "filename=\"a\\\"b.txt\"|a\"b.txt",
                "filename=\"../../etc/passwd\"|../../etc/passwd",
                "filename=\"a;b.txt\"|a;b.txt",
                "filename=a.txt|a.txt",
                "filename*=UTF-8''%e6%8a%a5.csv|报.csv",
                "filename=\"a\tb\u001b\"|a\tb\u001b",
                "filename=\"\"|unnamed",
            })
    void keepsTheNameAsItIs(String parameter, String name) {
        assertThat(upload(part("form-data; name=\"file\"; " + parameter, "hi") + "--xx--")
                        .name())
                .isEqualTo(name);
    }

    @Test
    void takesTheLastOfSeveralFiles() throws IOException {
        StoredFile file = upload(part(FILE, "first") + part(FIELD, "text") + part(FILE, "second") + "--xx--");

        assertThat(content(file)).isEqualTo("second");
        assertThat(store.fileCount()).isEqualTo(1);
        assertThat(store.storedBytes()).isEqualTo(6);
    }

    @Test
    void wantsAFileAndNotText() {
        assertThatThrownBy(() -> upload(part(FILE, "first") + part(FIELD, "text") + "--xx--"))
                .isInstanceOfSatisfying(
                        SchemaException.class,
                        e -> assertThat(e.errors()).singleElement().satisfies(error -> {
                            assertThat(error.type()).isEqualTo("value_error");
                            assertThat(error.location()).hasToString("[\"body\",\"file\"]");
                            assertThat(error.message())
                                    .isEqualTo("Value error, Expected UploadFile, received: <class 'str'>");
                            assertThat(error.input()).hasToString("\"text\"");
                            assertThat(error.context()).hasToString("{\"error\":{}}");
                        }));
        assertThat(store.fileCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/mixed"})
    void missesTheFileInAnythingButAForm(String contentType) {
        assertMissing(contentType, "x");
        assertMissing(null, "");
        assertMissing(FORM, "");
        assertMissing(FORM, part("form-data; name=\"other\"", "x") + "--xx--");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--x", "--xx\r\nContent-Disposition"})
    void refusesAFormThatEndsEarly(String end) {
        assertRefused(FORM, part(FILE, "hello") + end, ErrorCode.MALFORMED_BODY);
        assertThat(store.fileCount()).isZero();
    }

    @Test
    void refusesAMalformedForm() {
        assertRefused("multipart/form-data", part(FILE, "x"), ErrorCode.MALFORMED_BODY);
        assertRefused("multipart/form-data; boundary=" + "x".repeat(10_000), "x", ErrorCode.MALFORMED_BODY);
        assertRefused(FORM, part("form-data; name=\"file\"; x=" + "a".repeat(20_000), "x"), ErrorCode.MALFORMED_BODY);
        assertRefused(FORM, part(FIELD, "x").repeat(1001) + "--xx--", ErrorCode.MALFORMED_BODY);
        assertRefused(FORM, "--xx\r\nContent-Disposition: " + FILE + "\n\nhello\r\n--xx--", ErrorCode.MALFORMED_BODY);
    }

    @Test
    void refusesALongName() {
        String name = "n".repeat(1025);

        assertRefused(
                FORM, part("form-data; name=\"file\"; filename=\"" + name + "\"", "x"), ErrorCode.INVALID_REQUEST);
    }

    @Test
    void refusesALargeFileWhileItArrives() {
        String body = part(FILE, "x".repeat((int) MB + 1)) + "--xx--";

        assertThatThrownBy(() -> upload(body))
                .isInstanceOf(ServiceException.class)
                .hasMessage("File size exceeds maximum of 1 MB");
        assertThat(store.storedBytes()).isZero();
    }

    @Test
    void takesAFileOfExactlyTheLimit() {
        assertThat(upload(part(FILE, "x".repeat((int) MB)) + "--xx--").size()).isEqualTo(MB);
    }

    @Test
    void refusesALargeFormWithASmallFile() {
        String body = part(FILE, "x") + part("form-data; name=\"other\"", "x".repeat(3 * (int) MB)) + "--xx--";

        assertRefused(FORM, body, ErrorCode.TOO_LARGE);
    }

    private StoredFile upload(String body) {
        return upload(FORM, body);
    }

    private StoredFile upload(@Nullable String contentType, String body) {
        InputStream in = new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
        return new UploadReader(store, new OwnerLimit(Owner.DEFAULT, OptionalLong.empty()), MB).read(contentType, in);
    }

    private void assertMissing(@Nullable String contentType, String body) {
        assertThatThrownBy(() -> upload(contentType, body))
                .isInstanceOfSatisfying(
                        SchemaException.class,
                        e -> assertThat(e.errors()).singleElement().satisfies(error -> {
                            assertThat(error.type()).isEqualTo("missing");
                            assertThat(error.location()).hasToString("[\"body\",\"file\"]");
                            assertThat(error.input()).hasToString("null");
                        }));
    }

    private void assertRefused(String contentType, String body, ErrorCode code) {
        assertThatThrownBy(() -> upload(contentType, body))
                .isInstanceOfSatisfying(
                        ServiceException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private String content(StoredFile file) throws IOException {
        try (StoredContent content = store.open(Owner.DEFAULT, file.id()).orElseThrow()) {
            return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String part(String disposition, String content) {
        return "--xx\r\nContent-Disposition: %s\r\n\r\n%s\r\n".formatted(disposition, content);
    }
}
