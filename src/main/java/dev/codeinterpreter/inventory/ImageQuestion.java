package dev.codeinterpreter.inventory;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.execution.ExecutionService;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.launch.LaunchConfig;
import dev.codeinterpreter.run.Operation;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.spool.Text;
import jakarta.inject.Inject;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Has {@code describe.py} run in a new sandbox, and adds the limits, which only the service knows. */
@SingleInstance
class ImageQuestion {
    /** Of the program; it takes less than a second. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final ExecutionService executions;
    private final JsonObject limits;
    private final RunRequest program;

    @Inject
    ImageQuestion(
            ExecutionService executions,
            BackendSelection selection,
            RunConfig runs,
            LaunchConfig launches,
            FilesConfig files) {
        this.executions = executions;
        this.limits = Limits.json(selection.backend().traits(), runs, launches, files);
        Duration timeout = runs.maxTimeout().compareTo(TIMEOUT) < 0 ? runs.maxTimeout() : TIMEOUT;
        this.program = new RunRequest(Text.of(source()), Optional.empty(), timeout, false, false, List.of());
    }

    /** @throws ServiceException CAPACITY_UNAVAILABLE */
    byte[] ask() {
        BoundedOutput output = new BoundedOutput();
        // It goes on for the next client when this one leaves.
        RunResult result = run(output);
        ProgramExit exit = result.exit();
        if (exit.exitCode().orElse(-1) != 0 || exit.stdoutTruncated()) {
            throw unusable("its program ended as %s with %s, output %d bytes"
                    .formatted(exit.termination(), exit.exitCode(), output.bytes().length));
        }
        try {
            return Description.of(output.bytes(), limits).toString().getBytes(UTF_8);
        } catch (IllegalArgumentException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
    }

    private RunResult run(BoundedOutput output) {
        try {
            return executions.executeInNewSandbox(Operation.SANDBOX_DESCRIBE, program, output, new Cancellation());
        } catch (ServiceException e) {
            if (e.code() == ErrorCode.CONCURRENCY_LIMIT) {
                throw ServiceException.capacity(
                        Rejection.ENGINE_BUSY, "as many programs run as may; none is free to be asked.", e);
            }
            throw e;
        }
    }

    private static ServiceException unusable(String why) {
        return ServiceException.capacity(
                Rejection.SANDBOX_UNUSABLE,
                "a sandbox could not describe itself.",
                new IllegalStateException("describe.py: " + why));
    }

    private static String source() {
        try (InputStream source = ImageQuestion.class.getResourceAsStream("describe.py")) {
            if (source == null) {
                throw new IllegalStateException("describe.py is not in the jar");
            }
            return new String(source.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
