package dev.codeinterpreter.http1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/v1/files/a%20b",
                "/a;b=c",
                "/a+b",
                "/%2F%2e%2E/",
                "/%00",
                "/%25",
                "/%C3%A9",
                "/%c3%a9",
                "/%F0%9F%98%80",
                "/%EF%BF%BD",
                "limit=1&after=%E2%82%AC"
            })
    void acceptsWhatIsOneText(String raw) {
        assertThat(RequestTarget.isSound(raw)).isTrue();
    }

    /** U+FFFD is what the web server makes of each byte over 0x7F. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/\ufffd\ufffd.txt",
                "/\u00e9",
                "/%",
                "/%4",
                "/%zz",
                "/%+1",
                "/%\uff11\uff11",
                "/%FF",
                "/%C3",
                "/%C3/%A9",
                "/%C0%AF",
                "/%E0%80%AF",
                "/%ED%A0%80",
                "/%F4%90%80%80",
                "/%80",
                "/a b",
                "/a\tb",
                "/a\u007fb"
            })
    void refusesTheRest(String raw) {
        assertThat(RequestTarget.isSound(raw)).isFalse();
    }
}
