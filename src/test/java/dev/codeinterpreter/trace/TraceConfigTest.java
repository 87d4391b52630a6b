package dev.codeinterpreter.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.Settings;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceConfigTest {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static Settings settings(Map<String, String> variables) {
        return new Settings(name -> Optional.ofNullable(variables.get(name)));
    }

    @ParameterizedTest
    @CsvSource({
        "LOG_LEVEL, INFO, false",
        "OTEL_EXPORTER_OTLP_ENDPOINT, '', false",
        "OTEL_EXPORTER_OTLP_ENDPOINT, http://localhost:4318, true",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, https://collector.example/v1/traces, true"
    })
    void isOnWithAnEndpoint(String name, String value, boolean enabled) {
        Settings settings = settings(Map.of(name, value));
        assertThat(TraceConfig.from(settings).enabled()).isEqualTo(enabled);
        settings.verify();
    }

    @ParameterizedTest
    @CsvSource({"OTEL_SDK_DISABLED, true", "OTEL_TRACES_EXPORTER, none", "OTEL_TRACES_EXPORTER, None"})
    void isTurnedOff(String name, String value) {
        assertThat(TraceConfig.from(settings(Map.of(ENDPOINT, "http://localhost:4318", name, value)))
                        .enabled())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "OTEL_EXPORTER_OTLP_ENDPOINT, localhost:4318",
        "OTEL_EXPORTER_OTLP_ENDPOINT, ftp://localhost",
        "OTEL_EXPORTER_OTLP_ENDPOINT, http://",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, http://a b",
        "OTEL_EXPORTER_OTLP_PROTOCOL, grpc",
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, http/json",
        "OTEL_TRACES_EXPORTER, zipkin",
        "OTEL_TRACES_SAMPLER, sometimes",
        "OTEL_TRACES_SAMPLER_ARG, 1.1",
        "OTEL_SDK_DISABLED, maybe"
    })
    void refusesWithTheNameAndTheValue(String name, String value) {
        Settings settings = settings(Map.of(name, value));
        TraceConfig _ = TraceConfig.from(settings);
        assertThatThrownBy(settings::verify)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.lines())
                                .singleElement()
                                .asString()
                                .startsWith(name + " must be ")
                                .endsWith("not '%s'".formatted(value)));
    }

    @ParameterizedTest
    @CsvSource({"http://user:geheim@collector", "geheim@collector"})
    void repeatsNoCredentials(String endpoint) {
        Settings settings = settings(Map.of(ENDPOINT, endpoint));
        TraceConfig _ = TraceConfig.from(settings);
        assertThatThrownBy(settings::verify)
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.lines())
                                .singleElement()
                                .asString()
                                .startsWith(ENDPOINT + " must not hold credentials")
                                .doesNotContain("geheim"));
    }
}
