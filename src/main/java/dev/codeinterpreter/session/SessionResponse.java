package dev.codeinterpreter.session;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;
import java.time.Instant;

/** @param expiresAt seconds since 1970, with a fraction */
@JsonbPropertyOrder({"sessionId", "expiresAt"})
public record SessionResponse(
        @JsonbProperty("session_id") String sessionId,
        @JsonbProperty("expires_at") double expiresAt) {

    static SessionResponse of(Session session) {
        return of(session.id().value(), session.expiresAt());
    }

    static SessionResponse of(String session, Instant expiresAt) {
        return new SessionResponse(session, expiresAt.toEpochMilli() / 1000.0);
    }
}
