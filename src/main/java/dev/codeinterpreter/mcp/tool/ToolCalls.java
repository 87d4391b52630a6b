package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ClientGoneException;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ErrorConfig;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.mcp.message.RpcException;
import dev.codeinterpreter.mcp.tool.ToolListener.Outcome;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.RequestNotes;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;
import java.time.Duration;

/** Calls tools, and makes of what they throw what a model can use. */
@SingleInstance
public class ToolCalls {
    private static final System.Logger LOG = System.getLogger(ToolCalls.class.getName());

    /** The outcome of a call that was done wrong, for the audit log. */
    private static final String FAILED = "failed";

    private final ToolListener listener;
    private final ErrorConfig errors;

    @Inject
    ToolCalls(ToolListener listener, ErrorConfig errors) {
        this.listener = listener;
        this.errors = errors;
    }

    /** The result of a call, or one that says what went wrong. */
    public ToolResult run(Tool tool, Arguments arguments, Call call) {
        long start = System.nanoTime();
        Outcome outcome = Outcome.ERROR;
        try {
            RequestNotes.current().operation("mcp_" + tool.name());
            requireScope(arguments.has("session_id") ? Scope.SESSIONS : tool.scope());
            ToolResult result = tool.call(arguments, call);
            outcome = Outcome.OK;
            return result;
        } catch (ToolFailure e) {
            outcome = Outcome.FAILED;
            RequestNotes.current()
                    .outcome(
                            e.getCause() instanceof ServiceException cause
                                    ? cause.code().label()
                                    : FAILED);
            return ToolResult.failure(String.valueOf(e.getMessage()));
        } catch (ClientGoneException e) {
            outcome = Outcome.CANCELLED;
            throw e;
        } catch (ServiceException e) {
            String text = sentence(e);
            outcome = Outcome.FAILED;
            RequestNotes.current().outcome(e.code().label());
            return ToolResult.failure(text);
        } catch (RuntimeException e) {
            throw internal(e);
        } finally {
            listener.called(tool.name(), outcome, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** The result of a call whose arguments do not fit. */
    ToolResult refuse(Tool tool, String message) {
        RequestNotes.current().operation("mcp_" + tool.name());
        RequestNotes.current().outcome(FAILED);
        listener.called(tool.name(), Outcome.FAILED, Duration.ZERO);
        return ToolResult.failure(message);
    }

    private static void requireScope(Scope needed) {
        if (!Caller.current().has(needed)) {
            String message = needed.missing();
            throw new ToolFailure(message, new ServiceException(ErrorCode.FORBIDDEN, message));
        }
    }

    private String sentence(ServiceException failure) {
        return switch (failure.code()) {
            case CONCURRENCY_LIMIT, RATE_LIMITED, CAPACITY_UNAVAILABLE -> {
                LOG.log(System.Logger.Level.DEBUG, "a tool was refused", failure);
                yield "The service is busy. Nothing was run; try again in %d seconds."
                        .formatted(seconds(failure.retryAfter()
                                .or(() -> errors.retryAfter(failure.code()))
                                .orElse(Duration.ofSeconds(2))));
            }
            case INTERNAL -> throw internal(failure);
            default -> String.valueOf(failure.getMessage());
        };
    }

    /** Whole seconds, after which {@code wait} is over. */
    public static long seconds(Duration wait) {
        return wait.plusNanos(999_999_999).toSeconds();
    }

    public static RpcException internal(RuntimeException failure) {
        LOG.log(System.Logger.Level.ERROR, "a request of MCP failed", failure);
        return new RpcException(RpcException.INTERNAL_ERROR, "Internal error");
    }

    /** What to say of a sandbox that ended under a program. */
    static ToolFailure lost(ServiceException failure) {
        return failure.code() == ErrorCode.CAPACITY_UNAVAILABLE
                ? new ToolFailure("The sandbox was lost. The code may have run in part.", failure)
                : new ToolFailure(String.valueOf(failure.getMessage()), failure);
    }
}
