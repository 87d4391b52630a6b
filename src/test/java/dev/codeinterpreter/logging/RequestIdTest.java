package dev.codeinterpreter.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
    @AfterEach
    void end() {
        RequestId.end();
    }

    static List<String> sound() {
        return List.of("a", "-", "..", "A-z_0.9", "6f9619ff-8b86-d011-b42d-00cf4fc964ff", "x".repeat(128));
    }

    @ParameterizedTest
    @MethodSource("sound")
    void isTheClientsOwn(String sent) {
        RequestId.begin(sent);
        assertThat(RequestId.current()).isEqualTo(sent);
    }

    static List<String> hostile() {
        return List.of("x".repeat(129), "x".repeat(16_000));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @MethodSource("hostile")
    @ValueSource(
            strings = {
                " ",
                "a b",
                "a\n2026-11-29T16:00:00.000+0000 INFO a.Logger: forged",
                "a\r",
                "a\n",
                "\u001b[31m",
                "a\",\"level\":\"ERROR",
                "a=b",
                "a:b",
                "a/b",
                "${jndi:ldap://evil}",
                "%0a",
                "\u00e9",
                "\u0661",
                "\u2028"
            })
    void isANewOneForWhatIsNoId(@Nullable String sent) {
        RequestId.begin(sent);
        assertThat(RequestId.current()).matches("[0-9a-f]{24}");
    }

    @Test
    void isAnotherOneEachTime() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            RequestId.begin(null);
            ids.add(String.valueOf(RequestId.current()));
        }
        assertThat(ids).hasSize(1000);
    }

    @Test
    void goesToOtherThreadsOnlyWhenItIsCarried() throws Exception {
        List<String> seen = new ArrayList<>();
        RequestId.begin("a");
        Runnable carried = RequestId.carry(() -> seen.add("carried " + RequestId.current()));
        Callable<String> called = RequestId.carryCall(() -> String.valueOf(RequestId.current()));
        Thread plain = Thread.ofVirtual().start(() -> seen.add("plain " + RequestId.current()));
        plain.join();
        Thread other = Thread.ofVirtual().start(() -> {
            carried.run();
            seen.add("after " + RequestId.current());
        });
        other.join();
        RequestId.begin("b");
        carried.run();
        assertThat(called.call()).isEqualTo("a");

        assertThat(seen).containsExactly("plain null", "carried a", "after null", "carried a");
        assertThat(RequestId.current()).isEqualTo("b");
    }
}
