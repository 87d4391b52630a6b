package dev.codeinterpreter.harness;

import java.util.Map;

/** The image of {@code src/test/images/venv}. On Docker it is built here; into a cluster {@code dev/test} loads it. */
public final class VenvImage {
    private static final String NAME = "code-interpreter-executor-venv:latest";

    private VenvImage() {}

    /** With which a service uses it. */
    public static Map<String, String> settings() {
        if (Backend.current() == Backend.KUBERNETES) {
            return Map.of("KUBERNETES_EXECUTOR_IMAGE", NAME);
        }
        // The classic builder: every engine has it, and it takes the local base image.
        Command.run(
                Map.of("DOCKER_BUILDKIT", "0"),
                "docker",
                "build",
                "--network",
                "none",
                "--tag",
                NAME,
                "src/test/images/venv");
        return Map.of("PYTHON_EXECUTOR_DOCKER_IMAGE", NAME);
    }
}
