package dev.codeinterpreter.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkSplitterTest {
    private static final int PIECE = 16 * 1024;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, PIECE - 1, PIECE, PIECE + 1, PIECE + 2, 2 * PIECE, 5 * PIECE + 7})
    void givesAChunkInPiecesAndThenTheNext(int size) {
        String body = "x".repeat(size);
        Wire wire = new Wire("%x\r\n%s\r\n3\r\nabc\r\n0\r\n\r\n".formatted(size, body));
        assertThat(wire.pieces()).allMatch(piece -> piece.length() <= PIECE);
        assertThat(new Wire(wire.text).pieces().stream().reduce("", String::concat))
                .isEqualTo(body + "abc");
    }

    @Test
    void leavesASizeThatIsNoneAsItIs() {
        assertThat(new Wire("zz\r\n").reader.readLine()).isEqualTo("zz");
        assertThat(new Wire("80000000\r\n").reader.readLine()).isEqualTo("80000000");
    }

    @Test
    void skipsElsewhereAsItIsTold() {
        Wire wire = new Wire("GET /\r\n");
        wire.reader.skip(2);
        assertThat(wire.reader.readLine()).isEqualTo("T /");
    }

    /** Text that comes in packets of odd sizes, read as Helidon reads chunks. */
    private static final class Wire {
        final String text;
        final ChunkSplitter reader;

        Wire(String text) {
            this.text = text;
            List<byte[]> packets = new ArrayList<>();
            for (int from = 0; from < text.length(); from += 1000) {
                packets.add(text.substring(from, Math.min(text.length(), from + 1000))
                        .getBytes(US_ASCII));
            }
            Iterator<byte[]> arriving = packets.iterator();
            reader = new ChunkSplitter(arriving::next);
        }

        List<String> pieces() {
            List<String> pieces = new ArrayList<>();
            while (true) {
                int size = Integer.parseInt(reader.readLine(), 16);
                if (size == 0) {
                    assertThat(reader.readLine()).isEmpty();
                    return pieces;
                }
                pieces.add(new String(reader.readBuffer(size).readBytes(), US_ASCII));
                reader.skip(2);
            }
        }
    }
}
