package dev.codeinterpreter.runner;

import static java.util.Objects.requireNonNull;

import dev.codeinterpreter.trace.Span;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * How a program ended.
 *
 * @param exitCode empty exactly when it timed out; 128+n when signal n ended it
 * @param wallTime from its start to its end
 * @param peakMemory resident bytes of its main process at their highest
 * @param stateLost in a session: the interpreter is a new one, names of earlier commands are gone
 */
public record ProgramExit(
        OptionalInt exitCode,
        Termination termination,
        Duration wallTime,
        Duration cpuTime,
        long peakMemory,
        boolean stdoutTruncated,
        boolean stderrTruncated,
        boolean stateLost) {

    /** Why it ended. */
    public enum Termination {
        EXITED,
        SIGNALED,
        TIMEOUT,
        /** The kernel killed it because the sandbox's memory was used up. */
        OOM,
        /** It used up CPU_TIME_LIMIT_SEC. */
        CPU
    }

    public ProgramExit {
        requireNonNull(exitCode, "exitCode is null");
        requireNonNull(termination, "termination is null");
        if (exitCode.isEmpty() != (termination == Termination.TIMEOUT)) {
            throw new IllegalArgumentException("exit code %s with %s".formatted(exitCode, termination));
        }
    }

    /** The same, with more of the output truncated than the runner knows. */
    public ProgramExit truncated(boolean stdout, boolean stderr) {
        return new ProgramExit(
                exitCode,
                termination,
                wallTime,
                cpuTime,
                peakMemory,
                stdoutTruncated || stdout,
                stderrTruncated || stderr,
                stateLost);
    }

    /** Says it in the program's span. */
    public void describe(Span span) {
        span.set("code_interpreter.termination", termination.name().toLowerCase(Locale.ROOT))
                .set("code_interpreter.cpu_ms", cpuTime.toMillis())
                .set("code_interpreter.peak_memory", peakMemory);
        exitCode.ifPresent(code -> span.set("code_interpreter.exit_code", code));
    }

    public boolean timedOut() {
        return termination == Termination.TIMEOUT;
    }
}
