package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.session.SessionCalls;
import jakarta.inject.Inject;

/** end_session. */
@SingleInstance
class EndSession implements Tool {
    private final SessionCalls calls;

    @Inject
    EndSession(SessionCalls calls) {
        this.calls = calls;
    }

    @Override
    public String name() {
        return "end_session";
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        String session = arguments.requiredString("session_id");
        return ToolResult.structured(Json.createObjectBuilder()
                .add("session_id", session)
                .add("ended", end(session))
                .build());
    }

    private boolean end(String session) {
        try {
            calls.remove(session);
            return true;
        } catch (ServiceException e) {
            if (e.code() != ErrorCode.NOT_FOUND) {
                throw e;
            }
            return false;
        }
    }
}
