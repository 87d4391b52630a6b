package dev.codeinterpreter.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteParentTest {
    private static final String SOUND = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @ParameterizedTest
    @ValueSource(
            strings = {
                SOUND,
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff",
                "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like"
            })
    void takesWhatTheStandardAllows(String traceparent) {
        assertThat(RemoteParent.of(traceparent, "a=1,b@c=2")).hasValue(new RemoteParent(traceparent, "a=1,b@c=2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "00",
                "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
                "00 0af7651916cd43dd8448eb211c80319c b7ad6b7169203331 01",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-\n2026-11-29 INFO forged",
                "00-\u0660af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            })
    void takesNothingElse(String traceparent) {
        assertThat(RemoteParent.of(traceparent, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1\n", "a=\u00e9", "\u0000"})
    void leavesOutAStateThatIsNone(String tracestate) {
        assertThat(RemoteParent.of(SOUND, tracestate)).hasValue(new RemoteParent(SOUND, ""));
    }

    @Test
    void looksAtNoMoreThanTheLengthOfWhatIsTooLong() {
        String long1 = SOUND + "-" + "x".repeat(1 << 20);
        long start = System.nanoTime();
        for (int i = 0; i < 100_000; i++) {
            assertThat(RemoteParent.of(long1, "").isEmpty()).isTrue();
            assertThat(RemoteParent.of(SOUND, long1).orElseThrow().tracestate().isEmpty())
                    .isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
}
