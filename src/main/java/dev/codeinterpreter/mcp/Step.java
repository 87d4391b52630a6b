package dev.codeinterpreter.mcp;

import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.mcp.message.Task;
import java.util.Optional;

/** What a message asks for, read off its tree, which is not kept. */
sealed interface Step {

    /**
     * The answer is known already.
     *
     * @param status of HTTP, when the message stands alone
     * @param message the whole of it
     */
    record Reply(int status, Content message) implements Step {
        Reply(int status, String json) {
            this(status, Content.of(json));
        }
    }

    /** The answer to {@code initialize}, with which goes a new Mcp-Session-Id. */
    record Opening(String json) implements Step {}

    /** There is no answer. */
    record Nothing() implements Step {}

    /** A call is to be cancelled. */
    record Cancel(String request) implements Step {}

    /** A subscription to nothing, as there is nothing that one could subscribe to. */
    record Listen(String id) implements Step {}

    /**
     * Something is to be done.
     *
     * @param id of the request, as JSON
     * @param progressToken as JSON; empty when nothing is to be reported
     */
    record Work(String id, Protocol protocol, Optional<String> progressToken, Task task) implements Step {}
}
