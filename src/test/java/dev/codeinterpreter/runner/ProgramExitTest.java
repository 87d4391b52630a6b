package dev.codeinterpreter.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.codeinterpreter.runner.ProgramExit.Termination;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProgramExitTest {

    @ParameterizedTest
    @EnumSource(names = "TIMEOUT", mode = EnumSource.Mode.EXCLUDE)
    void hasAnExitCodeUnlessItTimedOut(Termination termination) {
        assertThat(exit(OptionalInt.of(137), termination).timedOut()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> exit(OptionalInt.empty(), termination));
    }

    @Test
    void hasNoExitCodeWhenItTimedOut() {
        assertThat(exit(OptionalInt.empty(), Termination.TIMEOUT).timedOut()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(() -> exit(OptionalInt.of(0), Termination.TIMEOUT));
    }

    private static ProgramExit exit(OptionalInt code, Termination termination) {
        return new ProgramExit(code, termination, Duration.ZERO, Duration.ZERO, 0, false, false, false);
    }
}
