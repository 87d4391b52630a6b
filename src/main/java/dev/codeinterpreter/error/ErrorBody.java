package dev.codeinterpreter.error;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonValue;
import java.nio.charset.StandardCharsets;

/** The JSON of an error's answer, as bytes, so that nothing between here and the client converts it again. */
public final class ErrorBody {
    private ErrorBody() {}

    public static byte[] of(ErrorCode code, String detail) {
        return of(code, Json.createValue(detail));
    }

    static byte[] of(ErrorCode code, JsonValue detail) {
        return Json.createObjectBuilder()
                .add("detail", detail)
                .add("code", code.label())
                .build()
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }
}
