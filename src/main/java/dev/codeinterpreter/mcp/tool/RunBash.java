package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.session.SessionService;
import dev.codeinterpreter.session.ShellLine;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Duration;

/** run_bash: a command line in a session. */
@SingleInstance
class RunBash implements Tool {
    private final SessionService commands;
    private final Sessions sessions;
    private final RunResults results;
    private final SpoolDirectory spool;

    @Inject
    RunBash(SessionService commands, Sessions sessions, RunResults results, SpoolDirectory spool) {
        this.commands = commands;
        this.sessions = sessions;
        this.results = results;
        this.spool = spool;
    }

    @Override
    public String name() {
        return "run_bash";
    }

    @Override
    public boolean reportsProgress() {
        return true;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        Duration timeout = timeout(arguments, commands.config(), call.caller());
        String session = arguments.requiredString("session_id");
        String line = ShellLine.read("command", arguments.text("command").orElseThrow());
        try (CapturedRun output = new CapturedRun(spool, call.output())) {
            RunResult result = sessions.use(session, call, () -> {
                try {
                    return commands.bash(Operation.MCP_RUN_BASH, session, line, timeout, output, call.cancellation());
                } catch (ServiceException e) {
                    throw output.hasStarted() ? endedUnder(session, e) : e;
                }
            });
            return results.of(result, output, timeout, false, call.protocol());
        }
    }

    /** How long a run may take: 30 s where nothing is asked for, and where the service and the tenant's limit let it. */
    static Duration timeout(Arguments arguments, RunConfig config, Caller caller) {
        int usual = (int) Math.min(ToolCatalog.TIMEOUT_MS, mostMillis(config, caller));
        return Duration.ofMillis(arguments.integer("timeout_ms", usual));
    }

    /** What the caller may ask for. */
    static long mostMillis(RunConfig config, Caller caller) {
        return Math.min(
                config.maxTimeout().toMillis(),
                caller.limits().maxTimeout().orElse(config.maxTimeout()).toMillis());
    }

    /** The program had begun when {@code failure} ended it. */
    static RuntimeException endedUnder(String session, ServiceException failure) {
        return failure.code() == ErrorCode.CAPACITY_UNAVAILABLE
                ? ToolCalls.lost(failure)
                : Sessions.explain(session, failure);
    }
}
