package dev.codeinterpreter.mcp;

import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.server.ClientWatch;
import dev.codeinterpreter.tenant.Caller;
import java.util.Optional;

/**
 * What is known of a request beside its messages.
 *
 * @param session value of Mcp-Session-Id; empty when there is none
 * @param cancellation of all that the request asks for
 */
record McpRequest(
        Caller caller, Optional<String> session, Accept accept, Cancellation cancellation, ClientWatch watch) {

    /** The same request as one message of it sees it, which is cancelled with the others and by itself. */
    McpRequest part() {
        Cancellation own = new Cancellation();
        cancellation.onCancel(own::cancel);
        return new McpRequest(caller, session, accept, own, watch);
    }
}
