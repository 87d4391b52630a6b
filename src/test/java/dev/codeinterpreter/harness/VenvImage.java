package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
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
        build();
        return Map.of("PYTHON_EXECUTOR_DOCKER_IMAGE", NAME);
    }

    private static void build() {
        ProcessBuilder docker = new ProcessBuilder(
                        "docker", "build", "--network", "none", "--tag", NAME, "src/test/images/venv")
                .redirectErrorStream(true);
        // The classic builder: every engine has it, and it takes the local base image.
        docker.environment().put("DOCKER_BUILDKIT", "0");
        try {
            Process process = docker.start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError("docker build: " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
