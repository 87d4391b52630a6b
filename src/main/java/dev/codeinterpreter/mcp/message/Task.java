package dev.codeinterpreter.mcp.message;

import java.io.IOException;
import java.io.Writer;

/** Does what a request asks for. */
public interface Task {
    /**
     * @throws RpcException when the answer is an error
     * @throws dev.codeinterpreter.error.ClientGoneException when nobody waits for the answer any more
     */
    Result run(Call call);

    /** The members of the answer's {@code result}; may be written twice. */
    interface Result extends AutoCloseable {
        /** @param lean whether to leave out what the client can get otherwise: there was no room for all of it */
        void writeTo(Writer target, boolean lean) throws IOException;

        @Override
        default void close() {}
    }
}
