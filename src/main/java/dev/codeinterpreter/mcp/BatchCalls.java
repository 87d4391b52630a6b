package dev.codeinterpreter.mcp;

import dev.codeinterpreter.auth.Authenticator;
import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.mcp.message.Content;
import dev.codeinterpreter.mcp.message.ContentList;
import dev.codeinterpreter.mcp.message.Limits;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.tool.ToolCalls;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Does what the messages of a batch ask for, one after the other: a batch may be no more than as many requests. */
@SingleInstance
class BatchCalls {
    private final Calls calls;
    private final Authenticator authenticator;

    @Inject
    BatchCalls(Calls calls, Authenticator authenticator) {
        this.calls = calls;
        this.authenticator = authenticator;
    }

    /**
     * All answers together, which the caller closes; empty when there are none, as one that is cancelled has none.
     *
     * @throws ClientGoneException when nobody waits for them any more
     */
    Optional<Content> perform(McpRequest request, List<Step> steps) {
        List<Content> answers = new ArrayList<>();
        boolean first = true;
        try {
            for (Step step : steps) {
                switch (step) {
                    case Step.Reply reply -> answers.add(reply.message());
                    case Step.Cancel cancel -> calls.cancel(request, cancel);
                    case Step.Work work -> {
                        Optional<RpcException> refusal = refusal(request, answers, first);
                        first = false;
                        perform(request, work, refusal).ifPresent(answers::add);
                    }
                    case Step.Nothing _ -> {}
                    case Step.Opening _, Step.Listen _ -> throw new IllegalStateException("not part of a batch");
                }
            }
        } catch (RuntimeException e) {
            answers.forEach(Content::close);
            throw e;
        }
        return answers.isEmpty() ? Optional.empty() : Optional.of(new ContentList(answers));
    }

    private Optional<RpcException> refusal(McpRequest request, List<Content> answers, boolean first) {
        if (answers.stream().mapToLong(Content::length).sum() > Limits.DEFAULT.batchBytes()) {
            return Optional.of(new RpcException(
                    RpcException.INTERNAL_ERROR,
                    "The answers of this batch have more than %d bytes already. Nothing was done; send this request by itself"
                            .formatted(Limits.DEFAULT.batchBytes())));
        }
        // The first is what the HTTP request has been counted as.
        return first
                ? Optional.empty()
                : authenticator
                        .takeMore(request.caller())
                        .map(wait -> new RpcException(
                                RpcException.INTERNAL_ERROR,
                                "The tenant's requests of this minute are used up (requests_per_minute). Nothing was done; try again in %d seconds"
                                        .formatted(ToolCalls.seconds(wait))));
    }

    /** Empty when the client has cancelled it. */
    private Optional<Content> perform(McpRequest request, Step.Work work, Optional<RpcException> refusal) {
        McpRequest part = request.part();
        Step.Work asked = refusal.isEmpty()
                ? work
                : new Step.Work(work.id(), work.protocol(), Optional.empty(), _ -> {
                    RequestNotes.current().outcome("refused");
                    throw refusal.get();
                });
        try {
            return Optional.of(RequestNotes.current().part().get(() -> calls.perform(part, asked)));
        } catch (ClientGoneException e) {
            request.cancellation().throwIfCancelled();
            return Optional.empty();
        }
    }
}
