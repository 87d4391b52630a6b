package dev.codeinterpreter.session;

import jakarta.json.bind.annotation.JsonbProperty;
import jakarta.json.bind.annotation.JsonbPropertyOrder;

/** @param expiresAt seconds since 1970, with a fraction */
@JsonbPropertyOrder({"sessionId", "expiresAt"})
public record SessionResponse(
        @JsonbProperty("session_id") String sessionId,
        @JsonbProperty("expires_at") double expiresAt) {

    static SessionResponse of(Session session) {
        return new SessionResponse(session.id().value(), session.expiresAt().toEpochMilli() / 1000.0);
    }
}
