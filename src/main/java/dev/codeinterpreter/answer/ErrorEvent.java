package dev.codeinterpreter.answer;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.json.Json;

/** The event that ends a stream whose run has no result. */
record ErrorEvent(ErrorCode code, String message) {

    /** Its data; the code as in the body of an error. */
    String toJson() {
        return Json.createObjectBuilder()
                .add("message", message)
                .add("code", code.label())
                .build()
                .toString();
    }
}
