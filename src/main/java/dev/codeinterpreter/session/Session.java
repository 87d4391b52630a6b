package dev.codeinterpreter.session;

import dev.codeinterpreter.sandbox.SandboxId;
import java.time.Instant;

/** @param expiresAt when it ends by itself, unless it is prolonged before */
record Session(SandboxId id, Instant expiresAt) {}
