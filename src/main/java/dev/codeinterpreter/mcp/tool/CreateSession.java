package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.session.SessionLifecycle;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** create_session. */
@SingleInstance
class CreateSession implements Tool {
    private static final int DEFAULT_TTL = 900;

    private final SessionLifecycle lifecycle;
    private final InputFiles inputs;

    @Inject
    CreateSession(SessionLifecycle lifecycle, InputFiles inputs) {
        this.lifecycle = lifecycle;
        this.inputs = inputs;
    }

    @Override
    public String name() {
        return "create_session";
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        Duration timeToLive = Duration.ofSeconds(arguments.integer("ttl_seconds", DEFAULT_TTL));
        try (InputFiles.Staged files = inputs.stage(arguments.list("files"))) {
            SandboxSummary session =
                    lifecycle.create(Operation.MCP_CREATE_SESSION, files.references(), timeToLive, call.cancellation());
            // Of a client that leaves now nobody would ever learn the id.
            call.settle().run();
            call.cancellation().throwIfCancelled();
            return ToolResult.structured(Json.createObjectBuilder()
                    .add("session_id", session.id().value())
                    .add(
                            "expires_at",
                            session.expiresAt().truncatedTo(ChronoUnit.MILLIS).toString())
                    .build());
        }
    }
}
