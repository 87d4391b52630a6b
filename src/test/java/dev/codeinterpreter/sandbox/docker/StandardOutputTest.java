package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StandardOutputTest {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    private static final byte[] CONVERSATION = concat(
            piece(STDOUT, "one"), piece(STDERR, "woe"), piece(STDOUT, ""), piece(STDOUT, "two"), piece(STDERR, "!"));

    @Test
    void givesStandardOutputAndKeepsStandardError() throws IOException {
        StandardOutput output = output(CONVERSATION);
        assertThat(output.readAllBytes()).asString(UTF_8).isEqualTo("onetwo");
        assertThat(output.diagnostics()).isEqualTo("woe!");
    }

    static IntStream boundaries() {
        return IntStream.rangeClosed(0, CONVERSATION.length);
    }

    /** The network may cut the stream anywhere, also within a header. */
    @ParameterizedTest
    @MethodSource("boundaries")
    void readsPiecesThatArriveInTwoParts(int boundary) throws IOException {
        StandardOutput output = new StandardOutput(new SequenceInputStream(
                new ByteArrayInputStream(CONVERSATION, 0, boundary),
                new ByteArrayInputStream(CONVERSATION, boundary, CONVERSATION.length - boundary)));
        assertThat(output.readAllBytes()).asString(UTF_8).isEqualTo("onetwo");
        assertThat(output.diagnostics()).isEqualTo("woe!");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 8, 9})
    void readsPiecesThatArriveInCrumbs(int most) throws IOException {
        StandardOutput output = new StandardOutput(crumbs(new ByteArrayInputStream(CONVERSATION), most));
        assertThat(output.readAllBytes()).asString(UTF_8).isEqualTo("onetwo");
        assertThat(output.diagnostics()).isEqualTo("woe!");
    }

    @Test
    void readsSingleBytesWithoutTheirSign() throws IOException {
        StandardOutput output = output(piece(STDOUT, new byte[] {(byte) 0xff, 0, 127}));
        assertThat(output.read()).isEqualTo(255);
        assertThat(output.read()).isZero();
        assertThat(output.read()).isEqualTo(127);
        assertThat(output.read()).isEqualTo(-1);
    }

    @Test
    void readsNoFurtherThanThePieceThatHasArrived() throws IOException {
        StandardOutput output = output(piece(STDOUT, "one"), piece(STDOUT, "two"));
        byte[] buffer = new byte[10];
        assertThat(output.read(buffer, 2, 8)).isEqualTo(3);
        assertThat(new String(buffer, 2, 3, UTF_8)).isEqualTo("one");
        assertThat(output.read(buffer, 0, 0)).isZero();
        assertThat(output.available()).isZero();
    }

    @Test
    void endsWithTheEnginesStream() throws IOException {
        StandardOutput output = output();
        assertThat(output.read()).isEqualTo(-1);
        assertThat(output.read(new byte[4], 0, 4)).isEqualTo(-1);
        assertThat(output.diagnostics()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10})
    void noticesThatTheEngineBreaksOffInsideAPieceOfOutput(int length) {
        assertThatThrownBy(() -> output(cut(piece(STDOUT, "out"), length)).readAllBytes())
                .isInstanceOf(EOFException.class)
                .hasMessage("the engine broke off in the middle of a piece");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    void endsInsideAHeader(int length) throws IOException {
        assertThat(output(piece(STDOUT, "out"), cut(piece(STDOUT, "put"), length))
                        .readAllBytes())
                .asString(UTF_8)
                .isEqualTo("out");
    }

    /** What is there of the last words is kept: they are for a log line that says why the sandbox is gone. */
    @Test
    void keepsTheBeginningOfAPieceOfErrorsThatBreaksOff() throws IOException {
        StandardOutput output = output(cut(piece(STDERR, "out of memory"), 8 + 6));
        assertThat(output.readAllBytes()).isEmpty();
        assertThat(output.diagnostics()).isEqualTo("out of");
    }

    @Test
    void keepsOnlyTheTailOfALongStandardError() throws IOException {
        byte[][] pieces = IntStream.range(0, 1000)
                .mapToObj(i -> piece(STDERR, "line %03d\n".formatted(i)))
                .toArray(byte[][]::new);
        StandardOutput output = output(pieces);
        assertThat(output.readAllBytes()).isEmpty();
        assertThat(output.diagnostics()).hasSize(512).endsWith("line 998\nline 999\n");
    }

    @Test
    void keepsTheTailOfOneLongPiece() throws IOException {
        StandardOutput output = output(piece(STDERR, "before"), piece(STDERR, "x".repeat(100_000) + "end"));
        assertThat(output.readAllBytes()).isEmpty();
        assertThat(output.diagnostics()).hasSize(512).matches("x{509}end");
    }

    @Test
    void joinsTheTailOfSeveralPieces() throws IOException {
        StandardOutput output = output(piece(STDERR, "a".repeat(500)), piece(STDERR, "b".repeat(20)));
        assertThat(output.readAllBytes()).isEmpty();
        assertThat(output.diagnostics()).isEqualTo("a".repeat(492) + "b".repeat(20));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, -65536})
    void refusesAPieceOfMoreThanTwoGigabytes(int length) {
        for (int stream : List.of(STDOUT, STDERR)) {
            assertThatThrownBy(() -> output(header(stream, length)).read())
                    .isInstanceOf(IOException.class)
                    .hasMessage("a piece of %d bytes".formatted(Integer.toUnsignedLong(length)));
        }
    }

    /** The length is a promise of the other side: nothing is allocated on the strength of it. */
    @Test
    void takesALargePromiseWithoutMemoryForIt() throws IOException {
        StandardOutput output = output(header(STDOUT, Integer.MAX_VALUE), "short".getBytes(UTF_8));
        byte[] buffer = new byte[100];
        assertThat(output.read(buffer, 0, 100)).isEqualTo(5);
        assertThatThrownBy(() -> output.read(buffer, 0, 100)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> output(header(STDERR, Integer.MAX_VALUE), "short".getBytes(UTF_8))
                        .read())
                .isInstanceOf(EOFException.class);
    }

    private static StandardOutput output(byte[]... pieces) {
        return new StandardOutput(new ByteArrayInputStream(concat(pieces)));
    }

    private static byte[] piece(int stream, String text) {
        return piece(stream, text.getBytes(UTF_8));
    }

    private static byte[] piece(int stream, byte[] bytes) {
        return concat(header(stream, bytes.length), bytes);
    }

    private static byte[] header(int stream, int length) {
        return ByteBuffer.allocate(8).putInt(stream << 24).putInt(length).array();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] cut(byte[] bytes, int length) {
        return ByteBuffer.allocate(length).put(bytes, 0, length).array();
    }

    /** Gives at most {@code most} bytes at a time. */
    private static InputStream crumbs(InputStream whole, int most) {
        return new FilterInputStream(whole) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return super.read(bytes, offset, Math.min(length, most));
            }
        };
    }
}
