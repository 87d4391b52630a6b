package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.logging.RequestId;
import io.helidon.webserver.CloseConnectionException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestBytesTest {
    private static final String CHUNKED = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\n\r\n";

    private boolean beginning;

    @AfterEach
    void end() {
        RequestId.end();
    }

    @Test
    void namesEachRequest() {
        RequestBytes bytes = bytes("GET / HTTP/1.1\r\nX-Request-Id: a-1\r\n\r\n" + NEXT, 1000);
        bytes.get();
        assertThat(RequestId.current()).isEqualTo("a-1");
        bytes.get();
        assertThat(RequestId.current()).matches("[0-9a-f]{24}");
    }

    @Test
    void namesARequestThatIsRefused() {
        RequestBytes bytes = bytes("GET / HTTP/1.1\r\nX-Request-Id: a-1\r\nX\r\n\r\n", 1000);
        assertThatThrownBy(bytes::get).isInstanceOf(RefusedRequestException.class);
        assertThat(RequestId.current()).isEqualTo("a-1");
    }

    /** Whatever the packets are, the head comes whole, and what follows it begins with the next request. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void givesHeadsWholeAndBodiesToTheirEnds(int packet) {
        String head = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
        RequestBytes bytes = bytes(head + "12345" + NEXT, packet);
        assertThat(text(bytes.get())).isEqualTo(head);
        assertThat(read(bytes, 5)).isEqualTo("12345");
        assertThat(text(bytes.get())).isEqualTo(NEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                "3;x\r\nabc\r\n2 ; y = \"a;\\\"b\" ;z\r\nde\r\n0;last\r\n\r\n",
                "0003\r\nabc\r\n0000000000000002\r\nde\r\n00\r\nExpires: never\r\nX:\r\n\r\n"
            })
    void discardsExtensionsAndTrailers(String body) {
        for (int packet : new int[] {1, 2, 5, 1000}) {
            RequestBytes bytes = bytes(CHUNKED + body + NEXT, packet);
            assertThat(text(bytes.get())).isEqualTo(CHUNKED);
            assertThat(canonicalBody(bytes)).isEqualTo("abcde");
            assertThat(text(bytes.get())).isEqualTo(NEXT);
        }
    }

    @Test
    void givesALargeChunkInPieces() {
        RequestBytes bytes = bytes(CHUNKED + "186a0\r\n" + "x".repeat(100_000) + "\r\n0\r\n\r\n", 8192);
        bytes.get();
        assertThat(bytes.get().length).isLessThan(9000);
        assertThat(canonicalBody(bytes)).hasSizeGreaterThan(90_000);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+3\r\nabc\r\n",
                "-3\r\nabc\r\n",
                "0x3\r\nabc\r\n",
                " 3\r\nabc\r\n",
                "3 \r\nabc\r\n",
                "3\t\r\nabc\r\n",
                "\r\nabc\r\n",
                "3\nabc\r\n",
                "3\rabc\r\n",
                "3\r\nabcXY",
                "3\r\nabc\n",
                "3\r\nabc\r\r\n",
                "00000000000000003\r\nabc\r\n",
                "8000000000000000\r\n",
                "ffffffffffffffff\r\n",
                "10000000000000000\r\n",
                "3;\r\nabc\r\n",
                "3;x=\r\nabc\r\n",
                "3;x=\"\r\nabc\r\n",
                "3;x=\"\n\"\r\nabc\r\n",
                "3;x\u0000\r\nabc\r\n",
                "3,x\r\nabc\r\n",
                "0\r\nX\r\n\r\n",
                "0\r\nX : y\r\n\r\n",
                "0\r\n folded\r\n\r\n",
                "0\r\nX: y\n\n",
                "0\r\n\rX"
            })
    void refusesMalformedChunks(String body) {
        RequestBytes bytes = bytes(CHUNKED + body + NEXT, 1000);
        bytes.get();
        assertThatThrownBy(() -> canonicalBody(bytes)).isInstanceOf(RefusedRequestException.class);
        assertThat(bytes.hasRefused()).isTrue();
        assertThatThrownBy(bytes::get).as("nothing after it").isInstanceOf(RefusedRequestException.class);
    }

    /** Before it is held: an endless line was, until the heap was full. */
    @ParameterizedTest
    @CsvSource({"'',0", "'',a", "'0\r\n',X", "'0\r\nX: ',y", "3;,x", "'3;x=\"',y", "'3;',' '"})
    void boundsLinesWithoutEnd(String beginning, String endless) {
        EndlessClient client = new EndlessClient(CHUNKED + beginning, endless);
        RequestBytes bytes = new RequestBytes(client::receive, () -> false);
        bytes.get();
        assertThatThrownBy(bytes::get).isInstanceOf(RefusedRequestException.class);
        assertThat(client.given).isLessThan(10_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"X: y\r\n", "X: " + "y"})
    void boundsTrailersInSum(String trailer) {
        String line = trailer.endsWith("\n") ? trailer : trailer.repeat(200).replace("\r\n", "") + "\r\n";
        EndlessClient client = new EndlessClient(CHUNKED + "0\r\n", line);
        RequestBytes bytes = new RequestBytes(client::receive, () -> false);
        bytes.get();
        assertThatThrownBy(bytes::get).isInstanceOf(RefusedRequestException.class);
        assertThat(client.given).isLessThan(30_000);
    }

    @Test
    void boundsExtensionsInSum() {
        EndlessClient client = new EndlessClient(CHUNKED, "1;" + "x".repeat(1000) + "\r\na\r\n");
        RequestBytes bytes = new RequestBytes(client::receive, () -> false);
        bytes.get();
        assertThatThrownBy(() -> canonicalBody(bytes)).hasMessageContaining("16384 bytes");
        assertThat(client.given).isLessThan(30_000);
    }

    @Test
    void takesNoBodyForARequest() {
        RequestBytes bytes = bytes("POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n" + NEXT, 1000);
        bytes.get();
        beginning = true;
        assertThatThrownBy(bytes::get).isInstanceOf(CloseConnectionException.class);
    }

    private RequestBytes bytes(String text, int packet) {
        Queue<byte[]> packets = new ArrayDeque<>();
        byte[] all = text.getBytes(ISO_8859_1);
        for (int from = 0; from < all.length; from += packet) {
            packets.add(Arrays.copyOfRange(all, from, Math.min(all.length, from + packet)));
        }
        return new RequestBytes(_ -> packets.remove(), () -> beginning);
    }

    private static String read(RequestBytes bytes, int length) {
        StringBuilder read = new StringBuilder();
        while (read.length() < length) {
            read.append(text(bytes.get()));
        }
        return read.toString();
    }

    /** Reads chunks that have neither extensions nor trailers, one in each piece. */
    private static String canonicalBody(RequestBytes bytes) {
        StringBuilder body = new StringBuilder();
        while (true) {
            String chunk = text(bytes.get());
            if (chunk.equals("0\r\n\r\n")) {
                return body.toString();
            }
            int line = chunk.indexOf("\r\n");
            int size = Integer.parseInt(chunk.substring(0, line), 16);
            assertThat(chunk).hasSize(line + 2 + size + 2).endsWith("\r\n");
            body.append(chunk, line + 2, line + 2 + size);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    /** Sends a text and then another again and again, until it is clear that nobody stops it. */
    private static final class EndlessClient {
        private final byte[] endless;
        private byte[] next;
        private int given;

        EndlessClient(String beginning, String endless) {
            this.next = beginning.getBytes(ISO_8859_1);
            this.endless = endless.repeat(1 + 2000 / endless.length()).getBytes(ISO_8859_1);
        }

        byte[] receive(Waiting reason) {
            if (given > 1 << 20) {
                throw new NoSuchElementException("a megabyte was read");
            }
            byte[] packet = next;
            given += packet.length;
            next = endless;
            return packet;
        }
    }
}
