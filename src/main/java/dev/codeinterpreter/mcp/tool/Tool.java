package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.tenant.Scope;

/** Something that a model can call. Each is a bean; its definition is in tools.json. */
interface Tool {
    String name();

    /** Whether a call may take so long that a client wants to hear of it meanwhile. */
    default boolean reportsProgress() {
        return false;
    }

    /** What a key needs for a call that names no session; for one that does it is SESSIONS. */
    default Scope scope() {
        return Scope.SESSIONS;
    }

    /**
     * @param arguments that fit the definition
     * @return to be closed by the caller
     * @throws ToolFailure for what the model can mend
     * @throws dev.codeinterpreter.error.ServiceException as the services that it calls
     * @throws dev.codeinterpreter.error.ClientGoneException when nobody waits for the result any more
     */
    ToolResult call(Arguments arguments, Call call);
}
