package dev.codeinterpreter.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {
    private static final String KEY = "ci_" + "k".repeat(43);

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
    void readsAKeyBehindBearer(String scheme) {
        assertThat(of(scheme + KEY)).isEqualTo(new Credential.Key(KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x:", "any user:", ":"})
    void readsAKeyAsThePasswordOfBasic(String user) {
        assertThat(of("Basic " + Base64.getEncoder().encodeToString((user + KEY).getBytes(UTF_8))))
                .isEqualTo(new Credential.Key(KEY));
    }

    @Test
    void readsAKeyOfItsOwnHeader() {
        assertThat(Credential.of(List.of(), List.of(KEY))).isEqualTo(new Credential.Key(KEY));
        assertThat(Credential.of(List.of(), List.of())).isEqualTo(new Credential.None());
    }

    @Test
    void takesWhatHasDotsForAToken() {
        assertThat(of("Bearer a.b.c")).isEqualTo(new Credential.Token("a.b.c"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Bearer",
                "Bearer ",
                "Bearer\tKEY",
                "Bearer KEY KEY",
                "Bearer KEY,KEY",
                "Digest KEY",
                "KEY",
                "Token KEY",
                "Bearer KEYx",
                "Bearer xKEY",
                "Bearer \"KEY\"",
                "Bearer ci%5Fkkk",
                "Basic KEY",
                "Basic %%%",
                "Basic eA=="
            })
    void refusesEverythingElse(String value) {
        assertThat(of(value.replace("KEY", KEY))).isInstanceOf(Credential.Malformed.class);
    }

    @Test
    void refusesTwoAtOnceEvenWhenTheyAreTheSame() {
        assertThat(Credential.of(List.of("Bearer " + KEY), List.of(KEY))).isInstanceOf(Credential.Malformed.class);
        assertThat(Credential.of(List.of("Bearer " + KEY, "Bearer " + KEY), List.of()))
                .isInstanceOf(Credential.Malformed.class);
        assertThat(Credential.of(List.of(), List.of(KEY, KEY))).isInstanceOf(Credential.Malformed.class);
        assertThat(of("Bearer " + "k".repeat(20_000))).isInstanceOf(Credential.Malformed.class);
    }

    @Test
    void doesNotShowItself() {
        assertThat(of("Bearer " + KEY)).hasToString("Key");
        assertThat(of("Bearer a.b.c")).hasToString("Token");
    }

    private static Credential of(String authorization) {
        return Credential.of(List.of(authorization), List.of());
    }
}
