package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.execution.ExecutionService;
import dev.codeinterpreter.mcp.message.Call;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.session.SessionService;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.Scope;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** run_python: a program in a sandbox of its own, or in a session's interpreter. */
@SingleInstance
class RunPython implements Tool {
    private final ExecutionService executions;
    private final SessionService commands;
    private final Sessions sessions;
    private final InputFiles inputs;
    private final RunResults results;
    private final SpoolDirectory spool;

    @Inject
    RunPython(
            ExecutionService executions,
            SessionService commands,
            Sessions sessions,
            InputFiles inputs,
            RunResults results,
            SpoolDirectory spool) {
        this.executions = executions;
        this.commands = commands;
        this.sessions = sessions;
        this.inputs = inputs;
        this.results = results;
        this.spool = spool;
    }

    @Override
    public String name() {
        return "run_python";
    }

    @Override
    public Scope scope() {
        return Scope.EXECUTE;
    }

    @Override
    public boolean reportsProgress() {
        return true;
    }

    @Override
    public ToolResult call(Arguments arguments, Call call) {
        Duration timeout = RunBash.timeout(arguments, executions.config(), call.caller());
        Optional<String> session = arguments.string("session_id");
        try (CapturedRun output = new CapturedRun(spool, call.output())) {
            RunResult result = session.isPresent()
                    ? runIn(session.get(), arguments, timeout, output, call)
                    : run(arguments, timeout, output, call);
            return results.of(result, output, timeout, session.isPresent(), call.protocol());
        }
    }

    private RunResult run(Arguments arguments, Duration timeout, CapturedRun output, Call call) {
        try (InputFiles.Staged files = inputs.stage(arguments.list("files"))) {
            return executions.execute(
                    Operation.MCP_RUN_PYTHON,
                    request(arguments, timeout, files.references()),
                    output,
                    call.cancellation());
        } catch (ServiceException e) {
            throw output.hasStarted() ? ToolCalls.lost(e) : e;
        }
    }

    private RunResult runIn(String session, Arguments arguments, Duration timeout, CapturedRun output, Call call) {
        RunRequest request = request(arguments, timeout, List.of());
        return sessions.use(session, call, () -> {
            inputs.write(session, arguments.list("files"));
            try {
                return commands.python(Operation.MCP_RUN_PYTHON, session, request, output, call.cancellation());
            } catch (ServiceException e) {
                throw output.hasStarted() ? RunBash.endedUnder(session, e) : e;
            }
        });
    }

    private RunRequest request(Arguments arguments, Duration timeout, List<RunRequest.FileReference> files) {
        return new RunRequest(
                arguments.text("code").orElseThrow(),
                arguments.text("stdin"),
                timeout,
                true,
                executions.config().results(),
                files);
    }
}
