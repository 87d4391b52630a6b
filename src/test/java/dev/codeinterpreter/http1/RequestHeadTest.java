package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestHeadTest {
    private static final String LINE = "POST / HTTP/1.1\r\n";

    @ParameterizedTest
    @CsvSource({
        "Content-Length: 5,5,false",
        "content-length:0,0,false",
        "TRANSFER-ENCODING:\t Chunked ,0,true",
        "X: é,0,false"
    })
    void saysWhatFollows(String field, long length, boolean chunked) {
        RequestHead head = new RequestHead();
        String text = LINE + field + "\r\n\r\n";
        assertThat(feed(head, text)).isEqualTo(text.length());
        assertThat(head.contentLength()).isEqualTo(length);
        assertThat(head.isChunked()).isEqualTo(chunked);
        assertThat(head.release()).isEqualTo(text.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "X-Request-Id: a-1{n}{n}, a-1",
        "x-request-id:a-1 {n}{n}, a-1",
        "X: a{n}{n},",
        "X-Request-Id: a{n}X-Request-Id: b{n}{n},",
        "X-Request-Id: a{n}X-Request-Id: a{n}{n},"
    })
    void knowsTheRequestsId(String fields, @Nullable String id) {
        RequestHead head = new RequestHead();
        feed(head, LINE + fields.replace("{n}", "\r\n"));
        assertThat(head.requestId()).isEqualTo(id);
    }

    @ParameterizedTest
    @CsvSource({
        "GET / HTTP/1.0{n}{n}, GET / HTTP/1.1{n}Host: localhost{n}Connection: close{n}{n}",
        "GET /a HTTP/1.0{n}Host: h{n}Connection: keep-alive{n}X: é{n}{n}, GET /a HTTP/1.1{n}Host: h{n}X: é{n}Connection: close{n}{n}",
        "GET / HTTP/1.0{n}EXPECT: 100-continue{n}host: h{n}{n}, GET / HTTP/1.1{n}host: h{n}Connection: close{n}{n}",
        "GET / HTTP/1.00{n}{n}, GET / HTTP/1.00{n}{n}",
        "GET / http/1.0{n}{n}, GET / http/1.0{n}{n}"
    })
    void givesARequestOfHttp10AsOneOfHttp11(String sent, String given) {
        RequestHead head = new RequestHead();
        feed(head, sent.replace("{n}", "\r\n"));
        assertThat(new String(head.release(), ISO_8859_1)).isEqualTo(given.replace("{n}", "\r\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET http://h:1/a?b=c HTTP/1.1{n}Host: other{n}X: é{n}{n}, GET /a?b=c HTTP/1.1{n}Host: h:1{n}X: é{n}{n}",
        "GET HTTPS://h HTTP/1.1{n}X: y{n}HOST:other{n}{n}, GET / HTTP/1.1{n}X: y{n}Host: h{n}{n}",
        "GET http://h?q HTTP/1.1{n}{n}, GET /?q HTTP/1.1{n}Host: h{n}{n}",
        "POST http://[::1]:8000/a HTTP/1.0{n}{n}, POST /a HTTP/1.1{n}Host: [::1]:8000{n}Connection: close{n}{n}",
        "GET http://h/ HTTP/1.1{n}Host: a{n}Host: b{n}{n}, GET / HTTP/1.1{n}Host: h{n}Host: b{n}{n}",
        "GET /http://h/ HTTP/1.1{n}Host: a{n}{n}, GET /http://h/ HTTP/1.1{n}Host: a{n}{n}",
        "GET http:///a HTTP/1.1{n}Host: a{n}{n}, GET http:///a HTTP/1.1{n}Host: a{n}{n}",
        "GET ftp://h/ HTTP/1.1{n}Host: a{n}{n}, GET ftp://h/ HTTP/1.1{n}Host: a{n}{n}"
    })
    void givesAWholeUriAsAPathAndAHost(String sent, String given) {
        RequestHead head = new RequestHead();
        feed(head, sent.replace("{n}", "\r\n"));
        assertThat(new String(head.release(), ISO_8859_1)).isEqualTo(given.replace("{n}", "\r\n"));
    }

    @ParameterizedTest
    @CsvSource({
        "HEAD /a HTTP/1.1{n}Host: h{n}{n}, GET /a HTTP/1.1{n}Host: h{n}{n}, true",
        "HEAD http://h/ HTTP/1.0{n}{n}, GET / HTTP/1.1{n}Host: h{n}Connection: close{n}{n}, true",
        "HEADS / HTTP/1.1{n}{n}, HEADS / HTTP/1.1{n}{n}, false",
        "head / HTTP/1.1{n}{n}, head / HTTP/1.1{n}{n}, false"
    })
    void givesHeadAsGet(String sent, String given, boolean headOnly) {
        RequestHead head = new RequestHead();
        feed(head, sent.replace("{n}", "\r\n"));
        assertThat(head.isHeadOnly()).isEqualTo(headOnly);
        assertThat(new String(head.release(), ISO_8859_1)).isEqualTo(given.replace("{n}", "\r\n"));
    }

    @Test
    void refusesATransferEncodingOfHttp10() {
        RequestHead head = new RequestHead();
        assertThat(catchThrowableOfType(
                        RefusedRequestException.class,
                        () -> feed(head, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")))
                .isNotNull();
    }

    @Test
    void knowsTheIdOfARequestThatItRefuses() {
        RequestHead head = new RequestHead();
        assertThat(catchThrowableOfType(
                        RefusedRequestException.class,
                        () -> feed(head, LINE + "X-Request-Id: a-1\r\nContent-Length: x\r\n")))
                .isNotNull();
        assertThat(head.requestId()).isEqualTo("a-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X: a\n\r\n",
                "X: a\r\r\n\r\n",
                "X: a\rb\r\n\r\n",
                "X: a\r\n b\r\n\r\n",
                "X : a\r\n\r\n",
                ": a\r\n\r\n",
                "X\r\n\r\n",
                "X: a\u0000\r\n\r\n",
                "X: a\u007f\r\n\r\n",
                "X\u00e9: a\r\n\r\n",
                "Content-Length: 5\r\nContent-Length: 5\r\n\r\n",
                "Content-Length: 5, 5\r\n\r\n",
                "Content-Length: +5\r\n\r\n",
                "Content-Length: 0x5\r\n\r\n",
                "Content-Length:\r\n\r\n",
                "Content-Length: 9999999999999999999\r\n\r\n",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "Transfer-Encoding: chunked, chunked\r\n\r\n",
                "Transfer-Encoding: gzip, chunked\r\n\r\n",
                "Transfer-Encoding: chunked, identity\r\n\r\n",
                "Transfer-Encoding: identity\r\n\r\n",
                "Transfer-Encoding: chunked;q=1\r\n\r\n",
                "Transfer-Encoding: xchunked\r\n\r\n",
                "Transfer-Encoding:\r\n\r\n"
            })
    void refusesWhatTwoReadersMayReadDifferently(String fields) {
        assertThat(refusal(LINE + fields)).isEqualTo(400);
    }

    @Test
    void boundsWhatItHolds() {
        assertThat(refusal("GET /" + "a".repeat(15_000))).isEqualTo(414);
        assertThat(refusal(LINE + "X: " + "a".repeat(20_000))).isEqualTo(431);
        assertThat(refusal(LINE + "X:1\r\n".repeat(101))).isEqualTo(431);
        assertThat(feed(new RequestHead(), LINE + "X:1\r\n".repeat(100) + "\r\n"))
                .isPositive();
    }

    /** How many bytes of it are the head; zero when it is not whole. */
    private static int feed(RequestHead head, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            if (head.add(bytes[i])) {
                return i + 1;
            }
        }
        return 0;
    }

    private static int refusal(String text) {
        RefusedRequestException refused =
                catchThrowableOfType(RefusedRequestException.class, () -> feed(new RequestHead(), text));
        assertThat(refused).as(text).isNotNull();
        return refused.status().code();
    }
}
