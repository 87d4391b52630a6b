package dev.codeinterpreter.runner;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.OptionalDouble;

/** What a runner says. Byte arrays belong to the receiver. */
public sealed interface Frame {

    /** A piece of the runner's own code, see {@link RunnerCode}; only ever before the sandbox is ready. */
    @SuppressWarnings("ArrayRecordComponent")
    record Compiled(byte[] bytes) implements Frame {}

    /**
     * The first frame that every runner sends: the sandbox is warm.
     *
     * @param secondsLeft until a session ends; empty before a session has begun, and for a single run
     */
    record Ready(int protocol, OptionalDouble secondsLeft) implements Frame {}

    /** The answer to a ping. */
    record Pong(Libraries libraries) implements Frame {}

    /** The program runs; whatever goes wrong from here on can no longer be an HTTP status. */
    record Started() implements Frame {}

    /** A piece of the program's standard output; may end in the middle of a character. */
    @SuppressWarnings("ArrayRecordComponent")
    record Stdout(byte[] bytes) implements Frame {}

    /** A piece of the program's standard error. */
    @SuppressWarnings("ArrayRecordComponent")
    record Stderr(byte[] bytes) implements Frame {}

    /**
     * The program shows something: its forms follow, then {@link ShowEnd}. Output may come in between.
     *
     * @param value whether it is the value of the last line; at most one is
     */
    record Show(boolean value) implements Frame {}

    /**
     * One form of what is shown; exactly {@code size} bytes of {@link Data} follow.
     *
     * @param path the file that it is to be; empty for a form that stands in the answer itself
     */
    record Form(String mimeType, long size, Optional<String> path) implements Frame {
        public Form {
            requireNonNull(mimeType, "mimeType is null");
            requireNonNull(path, "path is null");
        }
    }

    /**
     * @param complete false when the rest does not come: what came is not shown
     * @param truncated whether a form was left out or cut
     */
    record ShowEnd(boolean complete, boolean truncated) implements Frame {}

    /** The program has ended, and so has every process that it left. */
    record Exit(ProgramExit exit) implements Frame {}

    /** A file that the program made or changed; exactly {@code size} bytes of {@link Data} follow. */
    record FileStart(String path, long size) implements Frame {
        public FileStart {
            requireNonNull(path, "path is null");
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    record Data(byte[] bytes) implements Frame {}

    /** A file that is not returned, and why, in one word. */
    record Skipped(String path, String reason) implements Frame {
        public Skipped {
            requireNonNull(path, "path is null");
            requireNonNull(reason, "reason is null");
        }
    }

    /** The last frame of a run. */
    record Done() implements Frame {}

    /** The sandbox is of no use, for example because staged files do not fit; never a result of the program. */
    record Problem(String reason, String message) implements Frame {
        public Problem {
            requireNonNull(reason, "reason is null");
            requireNonNull(message, "message is null");
        }
    }
}
