package dev.codeinterpreter.mcp;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.answer.OneLineWriter;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.Envelope;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.message.Task;
import dev.codeinterpreter.mcp.tool.ToolCalls;
import dev.codeinterpreter.spool.SpillBuffer;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.util.Optional;

/**
 * Does what a request asks for, and writes the whole answer: five pictures are 7 MB, so it waits for its client where an
 * output does, a few KB of it in the heap.
 */
@SingleInstance
class Performer {
    private static final int WRITER_CHARACTERS = 2048;

    private final SpoolDirectory spool;

    @Inject
    Performer(SpoolDirectory spool) {
        this.spool = spool;
    }

    /**
     * The message, on one line, which the caller closes.
     *
     * @throws ClientGoneException when nobody waits for it any more
     */
    Content perform(Step.Work work, Call call) {
        try (Task.Result result = work.task().run(call)) {
            return write(work, result);
        } catch (RpcException e) {
            return error(work, e);
        } catch (ClientGoneException e) {
            throw e;
        } catch (RuntimeException e) {
            return error(work, ToolCalls.internal(e));
        }
    }

    private static Content error(Step.Work work, RpcException error) {
        RequestNotes notes = RequestNotes.current();
        if (notes.outcome().isEmpty()) {
            notes.outcome("error");
        }
        return Content.of(OneLineWriter.escape(Envelope.error(Optional.of(work.id()), error)));
    }

    /** Pictures give way where there is no room for all: the program has run, and cannot be run again. */
    private Content write(Step.Work work, Task.Result result) {
        try {
            return write(work, result, false);
        } catch (ServiceException e) {
            if (e.code() != ErrorCode.STORAGE_FULL) {
                throw e;
            }
            return write(work, result, true);
        }
    }

    private Content write(Step.Work work, Task.Result result, boolean lean) {
        SpillBuffer buffer = spool.overflow();
        try {
            Writer target = new OneLineWriter(
                    new BufferedWriter(new OutputStreamWriter(buffer.sink(), UTF_8), WRITER_CHARACTERS));
            target.write(Envelope.begin(work.id(), work.protocol()));
            result.writeTo(target, lean);
            target.write(Envelope.end(work.protocol(), false));
            target.flush();
            return Content.of(buffer);
        } catch (IOException e) {
            buffer.close();
            throw Spool.unreadable(e);
        } catch (RuntimeException e) {
            buffer.close();
            throw e;
        }
    }
}
