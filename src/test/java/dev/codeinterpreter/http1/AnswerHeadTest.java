package dev.codeinterpreter.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.BufferData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerHeadTest {
    private static final String INTERIM = "HTTP/1.1 100 Continue\r\n\r\n";
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: \r\r\n\r\n";

    /** However it is cut into pieces. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void keepsHeadsAndDropsTheBody(int piece) {
        AnswerHead answer = new AnswerHead();
        assertThat(written(answer, INTERIM + INTERIM + HEAD + "HTTP/1.1 200 OK\r\n\r\nx", piece))
                .isEqualTo(INTERIM + INTERIM + HEAD);
        assertThat(answer.isEnough()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000})
    void saysWhenABodyIsLong(int piece) {
        AnswerHead answer = new AnswerHead();
        assertThat(written(answer, HEAD + "x".repeat(65_536), piece)).isEqualTo(HEAD);
        assertThat(answer.isEnough()).isFalse();
        assertThat(written(answer, "x", piece)).isEmpty();
        assertThat(answer.isEnough()).isTrue();
    }

    private static String written(AnswerHead answer, String text, int piece) {
        StringBuilder kept = new StringBuilder();
        for (int start = 0; start < text.length(); start += piece) {
            byte[] bytes = text.substring(start, Math.min(text.length(), start + piece))
                    .getBytes(ISO_8859_1);
            BufferData data = BufferData.create(bytes);
            kept.append(new String(answer.of(data).readBytes(), ISO_8859_1));
            assertThat(data.available()).isZero();
        }
        return kept.toString();
    }
}
