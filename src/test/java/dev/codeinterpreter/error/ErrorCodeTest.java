package dev.codeinterpreter.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTest {
    /** As clients know them: these names do not change. */
    @ParameterizedTest
    @CsvSource({
        "invalid_request, 422",
        "malformed_body, 400",
        "unauthorized, 401",
        "forbidden, 403",
        "not_found, 404",
        "method_not_allowed, 405",
        "conflict, 409",
        "too_large, 413",
        "unsupported_media_type, 415",
        "rate_limited, 429",
        "concurrency_limit, 429",
        "internal, 500",
        "capacity_unavailable, 503",
        "storage_full, 507"
    })
    void hasANameAndAStatus(String label, int status) {
        assertThat(ErrorCode.values()).anySatisfy(code -> {
            assertThat(code.label()).isEqualTo(label);
            assertThat(code.status()).isEqualTo(status);
        });
        assertThat(ErrorCode.values()).hasSize(14);
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_REQUEST",
        "401, UNAUTHORIZED",
        "403, FORBIDDEN",
        "404, NOT_FOUND",
        "405, METHOD_NOT_ALLOWED",
        "406, INVALID_REQUEST",
        "409, CONFLICT",
        "413, TOO_LARGE",
        "414, TOO_LARGE",
        "415, UNSUPPORTED_MEDIA_TYPE",
        "422, INVALID_REQUEST",
        "429, CONCURRENCY_LIMIT",
        "431, TOO_LARGE",
        "500, INTERNAL",
        "501, INTERNAL",
        "503, CAPACITY_UNAVAILABLE",
        "505, INVALID_REQUEST",
        "507, STORAGE_FULL"
    })
    void isKnownByTheStatusOfOthers(int status, ErrorCode code) {
        assertThat(ErrorCode.ofStatus(status)).isEqualTo(code);
    }

    @ParameterizedTest
    @EnumSource(Rejection.class)
    void rejectionsNameThemselvesInMetricsAndInSentences(Rejection rejection) {
        ServiceException failure = ServiceException.capacity(rejection, "x.", null);

        assertThat(failure.code()).isEqualTo(rejection.code());
        assertThat(failure.reason()).matches("[a-z]+(_[a-z]+)*");
        assertThat(failure)
                .hasMessage(
                        "Executor capacity unavailable (%s): x.",
                        failure.reason().replace('_', ' '));
    }
}
