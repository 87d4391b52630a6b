package dev.codeinterpreter.error;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonValue;
import java.nio.charset.StandardCharsets;

/** The JSON of an error's answer, as bytes, so that nothing between here and the client converts it again. */
final class ErrorBody {
    private ErrorBody() {}

    static byte[] of(String detail) {
        return of(Json.createValue(detail));
    }

    static byte[] of(JsonValue detail) {
        return Json.createObjectBuilder()
                .add("detail", detail)
                .build()
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }
}
