package dev.codeinterpreter.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json, text/event-stream | true | true",
                "text/event-stream | false | true",
                "application/json | true | false",
                "*/* | true | true",
                "application/json;q=0, text/event-stream;q=0.5 | false | true",
                "text/html | false | false"
            })
    void readsWhatAClientAcceptsLeniently(String header, boolean json, boolean events) {
        assertThat(Accept.of(header)).isEqualTo(new Accept(json, events));
        assertThat(Accept.of(null)).isEqualTo(new Accept(true, true));
    }
}
