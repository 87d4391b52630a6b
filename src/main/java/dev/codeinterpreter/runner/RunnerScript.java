package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;

/** The Python side, shipped in the jar: so a sandbox always runs the version that this service speaks with. */
public final class RunnerScript {
    /** What only sessions need. */
    private static final String SESSION_MODULES = "sandbox_runner.session.";

    private static final String LOADER = new String(resource("loader.py"), UTF_8);
    private static final String CONNECTOR = new String(resource("connector.py"), UTF_8);
    private static final String WAITER = new String(resource("waiter.py"), UTF_8);
    private static final List<RunnerCode.Module> MODULES = new String(resource("sandbox_runner/modules.txt"), UTF_8)
            .lines()
            .map(name -> new RunnerCode.Module(name, resource(name.replace('.', '/') + ".py")))
            .toList();
    private static final RunnerCode SESSION = new RunnerCode(MODULES);
    private static final RunnerCode SINGLE_RUN = new RunnerCode(MODULES.stream()
            .filter(module -> !module.name().startsWith(SESSION_MODULES))
            .toList());

    private RunnerScript() {}

    /** argv of the container: a loader that executes the modules that it reads. The image needs python3 and nothing else. */
    public static List<String> command() {
        return List.of("python3", "-c", LOADER);
    }

    /**
     * argv of process 1 where a container's real command can only be started in it by exec: it ends when that does, or when
     * none was started within {@code timeout}.
     */
    public static List<String> waiter(Duration timeout) {
        return List.of("python3", "-I", "-S", "-c", WAITER, Long.toString(timeout.toSeconds()));
    }

    /** argv of a process in a session's container that connects its own standard streams to the runner. */
    public static List<String> connector() {
        return List.of("python3", "-I", "-S", "-c", CONNECTOR);
    }

    /** For a session all modules, for a single run those that it needs. */
    static RunnerCode code(boolean forSession) {
        return forSession ? SESSION : SINGLE_RUN;
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
