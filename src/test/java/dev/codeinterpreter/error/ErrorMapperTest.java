package dev.codeinterpreter.error;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonValue;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorMapperTest {
    private final ErrorMapper mapper = new ErrorMapper(new ErrorConfig(Duration.ofSeconds(2), Duration.ofSeconds(10)));
    private final Logger logger = Logger.getLogger(ErrorMapper.class.getName());
    private final Recorder log = new Recorder();

    @BeforeEach
    void listen() {
        logger.setUseParentHandlers(false);
        logger.addHandler(log);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(log);
        logger.setUseParentHandlers(true);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"INTERNAL"})
    void answersWithTheCodesStatusAndTheMessage(ErrorCode code) {
        Response response = mapper.toResponse(new ServiceException(code, "a \"message\""));

        assertThat(response.getStatus()).isEqualTo(code.status());
        assertThat(response.getMediaType()).isEqualTo(MediaType.APPLICATION_JSON_TYPE);
        assertThat(body(response))
                .isEqualTo("{\"detail\":\"a \\\"message\\\"\",\"code\":\"%s\"}".formatted(code.label()));
        assertThat(response.getStatusInfo().getReasonPhrase()).isNotEmpty();
    }

    @Test
    void tellsWhenToTryAgain() {
        assertThat(mapper.toResponse(new ServiceException(ErrorCode.CONCURRENCY_LIMIT, "full"))
                        .getHeaderString("Retry-After"))
                .isEqualTo("2");
        assertThat(mapper.toResponse(ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "try later", null))
                        .getHeaderString("Retry-After"))
                .isEqualTo("10");
        assertThat(mapper.toResponse(new ServiceException(ErrorCode.NOT_FOUND, "x"))
                        .getHeaderString("Retry-After"))
                .isNull();
    }

    @Test
    void listsSchemaErrorsWithKeysInOrder() {
        SchemaError missing = SchemaError.missing(List.of("body", "files", 0, "path"), JsonValue.EMPTY_JSON_OBJECT);
        SchemaError small = SchemaError.of("greater_than_equal", List.of("body", "n"), "too small", Json.createValue(0))
                .withContext(Json.createObjectBuilder().add("ge", 1).build());

        Response response = mapper.toResponse(new SchemaException(List.of(missing, small)));

        assertThat(response.getStatus()).isEqualTo(422);
        assertThat(body(response))
                .isEqualTo("{\"detail\":[{\"type\":\"missing\",\"loc\":[\"body\",\"files\",0,\"path\"],\"msg\":\"Field"
                        + " required\",\"input\":{}},{\"type\":\"greater_than_equal\",\"loc\":[\"body\",\"n\"],"
                        + "\"msg\":\"too small\",\"input\":0,\"ctx\":{\"ge\":1}}],\"code\":\"invalid_request\"}");
    }

    @Test
    void putsJaxRsRefusalsIntoTheSameShape() {
        assertThat(body(mapper.toResponse(new NotFoundException("HTTP 404"))))
                .isEqualTo("{\"detail\":\"Not Found\",\"code\":\"not_found\"}");
        assertThat(body(mapper.toResponse(new WebApplicationException("secret", 406))))
                .isEqualTo("{\"detail\":\"Not Acceptable\",\"code\":\"invalid_request\"}");

        Response notAllowed =
                mapper.toResponse(new NotAllowedException("POST", new String[] {"OPTIONS", "HEAD", "GET"}));
        assertThat(notAllowed.getHeaderString("Allow")).isEqualTo("GET, HEAD, POST");
        assertThat(body(notAllowed)).isEqualTo("{\"detail\":\"Method Not Allowed\",\"code\":\"method_not_allowed\"}");
    }

    @Test
    void hidesAnUnexpectedFailureAndLogsItOnce() {
        Response response = mapper.toResponse(new IllegalStateException("/secret/path"));

        assertThat(response.getStatus()).isEqualTo(500);
        assertThat(body(response)).isEqualTo("{\"detail\":\"Internal Server Error\",\"code\":\"internal\"}");
        assertThat(log.records).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.SEVERE);
            assertThat(line.getThrown()).hasMessage("/secret/path");
        });
    }

    @Test
    void hidesTheMessageOfAnInternalServiceException() {
        Response response = mapper.toResponse(new ServiceException(ErrorCode.INTERNAL, "secret"));

        assertThat(body(response)).isEqualTo("{\"detail\":\"Internal Server Error\",\"code\":\"internal\"}");
    }

    @Test
    void saysNothingAboutAClientThatWentAway() {
        Response read = mapper.toResponse(new ClientGoneException(new IOException("reset")));
        Response written = mapper.toResponse(new UncheckedIOException(new IOException("broken pipe")));

        assertThat(read.getStatus()).isEqualTo(400);
        assertThat(written.getStatus()).isEqualTo(400);
        assertThat(log.records).isEmpty();
    }

    private static String body(Response response) {
        return new String((byte[]) response.getEntity(), StandardCharsets.UTF_8);
    }

    private static final class Recorder extends Handler {
        private final List<LogRecord> records = new ArrayList<>();

        @Override
        public void publish(LogRecord line) {
            records.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
