package dev.codeinterpreter.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxIdTest {

    @Test
    void readsItsOwnText() {
        SandboxId id = SandboxId.random();
        assertThat(new SandboxId(id.toString())).isEqualTo(id);
        assertThat(id.value()).isEqualTo(id.toString()).matches("code-interpreter-[0-9a-f]{32}");
    }

    @Test
    void givesEveryoneAnother() {
        assertThat(Stream.generate(SandboxId::random).limit(1000)).doesNotHaveDuplicates();
    }

    @Test
    void namesASession() {
        SandboxId session = SandboxId.randomSession();
        assertThat(session.value()).matches("code-session-[0-9a-f]{32}");
        assertThat(SandboxId.parseSession(session.value())).contains(session);
        assertThat(Stream.generate(SandboxId::randomSession).limit(1000)).doesNotHaveDuplicates();
    }

    @Test
    void takesNothingElseForASession() {
        String digits = "0123456789abcdef0123456789abcdef";
        assertThat(Stream.of(
                        "",
                        "x",
                        digits,
                        "code-session-",
                        "code-session-" + digits + "0",
                        "code-session-" + digits + "\n",
                        "code-session-" + digits.toUpperCase(Locale.ROOT),
                        "/code-session-" + digits,
                        "code-interpreter-" + digits,
                        "code-session-../" + digits.substring(3)))
                .allSatisfy(text -> assertThat(SandboxId.parseSession(text)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "code-interpreter-",
                "0123456789abcdef0123456789abcdef",
                "code-interpreter-0123456789abcdef0123456789abcde",
                "code-interpreter-0123456789abcdef0123456789abcdef0",
                "code-interpreter-0123456789ABCDEF0123456789ABCDEF",
                "code-interpreter-0123456789abcdef0123456789abcdef\n",
                "code-session-0123456789abcdef0123456789abcde",
                "code-anything-0123456789abcdef0123456789abcdef",
                "code-interpreter-../../../../../containers/json?a",
                "/code-interpreter-0123456789abcdef0123456789abcdef"
            })
    void refusesNamesThatAreNotOurs(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SandboxId(name))
                .withMessage("not a sandbox id: " + name);
    }
}
