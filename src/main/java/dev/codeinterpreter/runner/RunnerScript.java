package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** The Python side, shipped in the jar: so a sandbox always runs the version that this service speaks with. */
public final class RunnerScript {
    private static final String LOADER = new String(resource("loader.py"), UTF_8);
    private static final String CONNECTOR = new String(resource("connector.py"), UTF_8);
    private static final byte[] RUNNER = resource("runner.py");

    private RunnerScript() {}

    /** argv of the container: a loader that executes what it reads. Nothing but python3 is needed in the image. */
    public static List<String> command() {
        return List.of("python3", "-c", LOADER);
    }

    /** argv of a process in a session's container that connects its own standard streams to the runner. */
    public static List<String> connector() {
        return List.of("python3", "-I", "-S", "-c", CONNECTOR);
    }

    static byte[] text() {
        return RUNNER.clone();
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
