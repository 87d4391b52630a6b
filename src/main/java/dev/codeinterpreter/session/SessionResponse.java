package dev.codeinterpreter.session;

import dev.codeinterpreter.sandbox.SandboxSummary;
import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.math.BigDecimal;
import java.time.Instant;

/** @param expiresAt seconds since 1970, with milliseconds */
@JsonbPropertyOrder({"sessionId", "expiresAt"})
public record SessionResponse(
        @JsonbProperty("session_id") String sessionId,
        @JsonbProperty("expires_at") BigDecimal expiresAt) {

    static SessionResponse of(SandboxSummary session) {
        return of(session.id().value(), session.expiresAt());
    }

    static SessionResponse of(String session, Instant expiresAt) {
        return new SessionResponse(session, BigDecimal.valueOf(expiresAt.toEpochMilli(), 3));
    }
}
