package dev.codeinterpreter.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
    private final Routes routes = Routes.read();

    @ParameterizedTest
    @CsvSource({
        "/health, /health",
        "/health/live, /health/live",
        "/metrics, /metrics",
        "/v1/execute, /v1/execute",
        "/v1/execute/stream, /v1/execute/stream",
        "/v1/files, /v1/files",
        "/v1/files/a-b, /v1/files/{file_id}",
        "/v1/files/%2e%2e, /v1/files/{file_id}",
        "/v1/sessions/x/python/stream, /v1/sessions/{session_id}/python/stream",
        "/v1/sessions/x/files, /v1/sessions/{session_id}/files",
        "/v1/sessions/x/files/a, /v1/sessions/{session_id}/files/{path}",
        "/v1/sessions/x/files/a/b%0ac/secret.txt, /v1/sessions/{session_id}/files/{path}"
    })
    void areThoseOfTheDocument(String path, String route) {
        assertThat(routes.of(path)).hasValue(route);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/nothing",
                "/v1",
                "/v1/files/",
                "/v1/files/a/b",
                "/v1/execute/x",
                "/v1//files",
                "v1/sessions//bash",
                "//health",
                "/V1/files"
            })
    void areNoOthers(String path) {
        assertThat(routes.of(path)).isEmpty();
    }
}
