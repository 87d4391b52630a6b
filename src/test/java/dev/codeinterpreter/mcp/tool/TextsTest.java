package dev.codeinterpreter.mcp.tool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.files.FileId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept of long texts, and how files are named. */
class TextsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 1000})
    void keepsHeadAndTailHoweverTheTextArrives(int piece) {
        String whole = "0123456789".repeat(30);
        HeadAndTail text = new HeadAndTail(100);
        for (int i = 0; i < whole.length(); i += piece) {
            text.append(whole.substring(i, Math.min(whole.length(), i + piece)));
        }

        assertThat(text.isCut()).isTrue();
        assertThat(text.toString())
                .isEqualTo(whole.substring(0, 50) + "\n[... 200 characters left out ...]\n" + whole.substring(250));
    }

    @ParameterizedTest
    @CsvSource({"99,false", "100,false", "101,true"})
    void cutsOnlyWhatIsOverTheLimit(int length, boolean cut) {
        HeadAndTail text = new HeadAndTail(100);
        text.append("x".repeat(length));

        assertThat(text.isCut()).isEqualTo(cut);
        assertThat(text.toString().length()).isGreaterThanOrEqualTo(Math.min(length, 100));
        assertThat(text.toString().contains("[... 1 characters left out ...]")).isEqualTo(cut);
    }

    @Test
    void neverSplitsACharacter() {
        HeadAndTail text = new HeadAndTail(6);
        text.append("ab\uD83D\uDE00cdefgh\uD83D\uDE00ij");

        assertThat(text.toString()).isEqualTo("ab\n[... 10 characters left out ...]\nij");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // offset | lines | characters | text shown | next line, 0 when that is all
                "1 | 10 | 100 | a,bb,ccc,d | 0",
                "2 | 2 | 100 | bb,ccc, | 4",
                "4 | 10 | 100 | d | 0",
                "9 | 10 | 100 | '' | 0",
                "1 | 10 | 6 | a,bb, | 3",
                "3 | 10 | 2 | cc | 4"
            })
    void showsTheLinesThatFit(int offset, int lines, int characters, String shown, int next) {
        LineWindow window = new LineWindow(offset, lines, characters);
        boolean _ = window.append("a\nbb\ncc");
        boolean _ = window.append("c\nd");

        assertThat(window.text().replace("\n", ",")).isEqualTo(shown);
        assertThat(window.hasMore() ? window.next() : 0).isEqualTo(next);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b.csv", "\u00e9 \u4e2d%?#", "a;b", "..", "x\ny"})
    void namesEachFileOfASessionInOneWay(String path) {
        assertThat(ResourceUri.parse(ResourceUri.of("code-session-1", path)))
                .contains(new ResourceUri.InSession("code-session-1", path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "file:///etc/passwd",
                "code-interpreter://files/",
                "code-interpreter://files/../x",
                "code-interpreter://sessions//files/a",
                "code-interpreter://sessions/s/files/%",
                "code-interpreter://sessions/s/files/%4",
                "code-interpreter://sessions/s/files/%zz",
                "code-interpreter://sessions/s/files/%FF",
                "code-interpreter://sessions/s/files/a?b",
                "code-interpreter://sessions/s/files/a b",
                "code-interpreter://sessions/s"
            })
    void takesNothingElseForAFile(String uri) {
        assertThat(ResourceUri.parse(uri)).isEmpty();
    }

    @Test
    void namesStoredFilesByTheirIds() {
        FileId id = new FileId(UUID.randomUUID());

        assertThat(ResourceUri.parse(ResourceUri.of(id))).contains(new ResourceUri.Stored(id));
    }

    @Test
    void knowsPicturesByTheirBytesAlone() {
        assertThat(FileTypes.picture(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 0}))
                .contains("image/png");
        assertThat(FileTypes.picture("RIFFxxxxWEBP".getBytes(UTF_8))).contains("image/webp");
        assertThat(FileTypes.picture("RIFFxxxxWAVE".getBytes(UTF_8))).isEmpty();
        assertThat(FileTypes.picture("GIF89a".getBytes(UTF_8))).contains("image/gif");
        assertThat(FileTypes.picture("<svg".getBytes(UTF_8))).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({"1,true", "2,true", "4096,true", "1,false", "4096,false"})
    void tellsTextFromBytesWhereverTheyAreCut(int piece, boolean text) throws IOException {
        byte[] content = ("\u4e2d".repeat(3000) + (text ? "" : "\0")).getBytes(UTF_8);
        Utf8Check check = new Utf8Check(new ByteArrayOutputStream());
        for (int i = 0; i < content.length; i += piece) {
            check.write(content, i, Math.min(piece, content.length - i));
        }

        assertThat(check.isText()).isEqualTo(text);
    }
}
