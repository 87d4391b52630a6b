package dev.codeinterpreter.mcp;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.Content;
import jakarta.inject.Inject;
import java.util.function.Consumer;

/** Does what a request's messages ask for, in a way that another message can cancel. */
@SingleInstance
class Calls {
    private final Performer performer;
    private final RunningCalls running;

    @Inject
    Calls(Performer performer, RunningCalls running) {
        this.performer = performer;
        this.running = running;
    }

    /**
     * The whole message that answers {@code work}, which the caller closes.
     *
     * @param output takes what a program writes, piece by piece
     * @throws dev.codeinterpreter.error.ClientGoneException when the client has left or has cancelled it
     */
    Content perform(McpRequest request, Step.Work work, Consumer<byte[]> output) {
        Call call =
                new Call(request.caller(), work.protocol(), request.cancellation(), request.watch()::settle, output);
        if (work.protocol().isModern() || request.session().isEmpty()) {
            return performer.perform(work, call);
        }
        RunningCalls.Key key =
                new RunningCalls.Key(request.caller(), request.session().get(), work.id());
        try (RunningCalls.Entry _ = running.add(key, request.cancellation())) {
            return performer.perform(work, call);
        }
    }

    /** Without progress. */
    Content perform(McpRequest request, Step.Work work) {
        return perform(request, work, _ -> {});
    }

    /** Without effect when no such call of the client's session is in progress. */
    void cancel(McpRequest request, Step.Cancel cancel) {
        request.session()
                .ifPresent(
                        session -> running.cancel(new RunningCalls.Key(request.caller(), session, cancel.request())));
    }
}
