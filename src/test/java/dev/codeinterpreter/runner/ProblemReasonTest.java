package dev.codeinterpreter.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemReasonTest {
    @ParameterizedTest
    @CsvSource({
        "busy, conflict, conflict",
        "changed, conflict, conflict",
        "exhausted, conflict, conflict",
        "not_a_file, invalid_request, invalid_request",
        "not_found, not_found, not_found",
        "no_space, too_large, too_large",
        "too_large, too_large, too_large",
        "unprotected, capacity_unavailable, no_landlock",
        "protocol, capacity_unavailable, sandbox_unusable",
        "incompatible, capacity_unavailable, sandbox_unusable",
        "OTHER, capacity_unavailable, sandbox_unusable",
        "'', capacity_unavailable, sandbox_unusable"
    })
    void tellsTheClientByItsWord(String word, String code, String reason) {
        IOException cause = new RunnerProblemException(new Frame.Problem(word, "/secret"));
        ServiceException failure = ProblemReason.of(word).failure(EnumSet.allOf(ProblemReason.class), cause);

        assertThat(failure.code().label()).isEqualTo(code);
        assertThat(failure.reason()).isEqualTo(reason);
        assertThat(failure).hasCause(cause).message().doesNotContain("secret").isNotEmpty();
    }

    /** A program in a runner's place may say that there is no such file, of a request that asked for none. */
    @Test
    void isNothingForTheClientUnlessItWasExpected() {
        ServiceException failure = ProblemReason.NOT_FOUND.failure(Set.of(ProblemReason.BUSY), new IOException());

        assertThat(failure.code()).isEqualTo(ErrorCode.CAPACITY_UNAVAILABLE);
    }
}
