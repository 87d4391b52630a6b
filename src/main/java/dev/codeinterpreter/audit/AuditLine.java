package dev.codeinterpreter.audit;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.json.JsonObjectBuilder;
import java.time.Instant;

/** What the audit log says of a request. */
final class AuditLine {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int FIRST_ERROR = 400;

    private AuditLine() {}

    /** Executions, sessions and files, whatever became of them; and callers that were turned away. */
    static boolean isWorthOne(RequestNotes notes, int status) {
        return notes.operation().isPresent() || status == UNAUTHORIZED || status == FORBIDDEN || status == TOO_MANY;
    }

    static String of(RequestNotes notes, String address, int status, Instant time) {
        JsonObjectBuilder line = Json.createObjectBuilder().add("time", time.toString());
        String request = RequestId.current();
        if (request != null) {
            line.add("request_id", request);
        }
        if (!notes.caller().isNobody()) {
            line.add("tenant", notes.caller().tenant());
        }
        if (!notes.caller().name().isEmpty()) {
            line.add("key", notes.caller().name());
        }
        line.add("client", address).add("operation", notes.operation().orElse("refused"));
        notes.code().ifPresent(code -> line.add("code_sha256", code.sha256()).add("code_bytes", code.length()));
        if (!notes.files().isEmpty()) {
            line.add("files", Json.createArrayBuilder(notes.files()));
        }
        if (notes.moreFiles() > 0) {
            line.add("more_files", notes.moreFiles());
        }
        line.add("status", status).add("outcome", notes.outcome().orElse(status < FIRST_ERROR ? "ok" : "error"));
        notes.exitCode().ifPresent(code -> line.add("exit_code", code));
        notes.wallTime().ifPresent(took -> line.add("duration_ms", took.toMillis()));
        notes.sandbox().ifPresent(sandbox -> line.add("sandbox", sandbox));
        return line.build().toString();
    }
}
