package dev.codeinterpreter.answer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8DecoderTest {
    private final Utf8Decoder decoder = new Utf8Decoder();

    @Test
    void givesACharacterWithItsLastByte() {
        byte[] smiley = "\ud83d\ude00".getBytes(UTF_8);
        for (int i = 0; i < 3; i++) {
            assertThat(decoder.decode(new byte[] {smiley[i]})).isEmpty();
        }
        assertThat(decoder.decode(new byte[] {smiley[3]})).hasToString("\ud83d\ude00");
        assertThat(decoder.end()).isEmpty();
    }

    @Test
    void givesWhatIsWholeBeforeWhatIsNot() {
        assertThat(decoder.decode("a\u20ac".getBytes(UTF_8))).hasToString("a\u20ac");
        assertThat(decoder.decode(bytes("62e282"))).hasToString("b");
        assertThat(decoder.decode(bytes("ac63"))).hasToString("\u20acc");
    }

    @Test
    void isEmptyAtFirst() {
        assertThat(decoder.decode(new byte[0])).isEmpty();
        assertThat(decoder.end()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"c3", "e2", "e282", "f0", "f09f", "f09f98", "ed"})
    void replacesACharacterThatNeverEnds(String hex) {
        assertThat(decoder.decode(bytes("61" + hex))).hasToString("a");
        assertThat(decoder.end()).hasToString("\ufffd");
    }

    @ParameterizedTest
    @CsvSource({
        // bytes, as CPython decodes them
        "ff, \ufffd",
        "80, \ufffd",
        "c0af, \ufffd\ufffd",
        "eda080, \ufffd\ufffd\ufffd",
        "edbfbf41, \ufffd\ufffd\ufffdA",
        "f4908080, \ufffd\ufffd\ufffd\ufffd",
        "e28241, \ufffdA",
        "f09f9841, \ufffdA"
    })
    void replacesWhatIsNotUtf8(String hex, String text) {
        assertThat(decoder.decode(bytes(hex)).toString() + decoder.end()).isEqualTo(text);
    }

    /** However the bytes are cut into pieces. */
    @Test
    void decodesAsIfThereWereOnePiece() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = likelyText(random);
            Utf8Decoder inPieces = new Utf8Decoder();
            StringBuilder text = new StringBuilder();
            for (int start = 0; start < bytes.length; ) {
                int end = Math.min(bytes.length, start + random.nextInt(4));
                text.append(inPieces.decode(Arrays.copyOfRange(bytes, start, end)));
                start = end;
            }
            text.append(inPieces.end());
            assertThat(text).as(HexFormat.of().formatHex(bytes)).hasToString(inOnePiece(bytes));
        }
    }

    /** Java takes an encoded surrogate for one malformed character, CPython for three malformed bytes. */
    private static String inOnePiece(byte[] bytes) {
        byte[] split = bytes.clone();
        for (int i = 0; i + 1 < split.length; i++) {
            if (split[i] == (byte) 0xED && (split[i + 1] & 0xE0) == 0xA0) {
                split[i] = (byte) 0xFF;
            }
        }
        return new String(split, UTF_8);
    }

    /** Random bytes are hardly ever UTF-8 or almost: these are characters with some damage. */
    private static byte[] likelyText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.appendCodePoint(
                    switch (random.nextInt(4)) {
                        case 0 -> 'a';
                        case 1 -> 0xe4;
                        case 2 -> 0xd000 + random.nextInt(0x700);
                        default -> 0x1f600;
                    });
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        for (int damages = random.nextInt(3); damages > 0; damages--) {
            bytes[random.nextInt(bytes.length)] =
                    "\u0080\u00a0\u00bf\u00c2\u00ed\u00e2\u00f4\u00ffx".getBytes(ISO_8859_1)[random.nextInt(9)];
        }
        return bytes;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
