package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** The Python side, shipped in the jar: so a sandbox always runs the version that this service speaks with. */
public final class RunnerScript {
    private static final String SESSIONS_START = "# --- session:";
    private static final String SESSIONS_END = "# --- end of session ---";

    private static final String LOADER = new String(resource("loader.py"), UTF_8);
    private static final String CONNECTOR = new String(resource("connector.py"), UTF_8);
    private static final String WAITER = new String(resource("waiter.py"), UTF_8);
    private static final byte[] RUNNER = resource("runner.py");
    private static final RunnerCode SESSION = new RunnerCode(RUNNER);
    private static final RunnerCode ONE_SHOT = new RunnerCode(withoutSessions(new String(RUNNER, UTF_8)));

    private RunnerScript() {}

    /** argv of the container: a loader that executes what it reads. Nothing but python3 is needed in the image. */
    public static List<String> command() {
        return List.of("python3", "-c", LOADER);
    }

    /**
     * argv of process 1 where a container's real command can only be started in it by exec: it ends when that does, or when
     * none has come for {@code patience}.
     */
    public static List<String> waiter(Duration patience) {
        return List.of("python3", "-I", "-S", "-c", WAITER, Long.toString(patience.toSeconds()));
    }

    /** argv of a process in a session's container that connects its own standard streams to the runner. */
    public static List<String> connector() {
        return List.of("python3", "-I", "-S", "-c", CONNECTOR);
    }

    /** For a session the whole of it. A single run does without the sessions' half. */
    static RunnerCode code(boolean forSession) {
        return forSession ? SESSION : ONE_SHOT;
    }

    private static byte[] withoutSessions(String text) {
        int start = text.indexOf(SESSIONS_START);
        int end = text.indexOf(SESSIONS_END);
        if (start < 0 || end < start) {
            throw new IllegalStateException("runner.py does not mark its half for sessions");
        }
        return (text.substring(0, start) + text.substring(end)).getBytes(UTF_8);
    }

    private static byte[] resource(String name) {
        try (InputStream resource = RunnerScript.class.getResourceAsStream(name)) {
            if (resource == null) {
                throw new IllegalStateException(name + " is not in the jar");
            }
            return resource.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
