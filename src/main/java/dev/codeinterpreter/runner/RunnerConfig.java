package dev.codeinterpreter.runner;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.ProgramConfinement;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.Locale;
import java.util.Map;

/**
 * The payload of CONFIG, the first frame to a runner.
 *
 * @param environment the program's whole environment
 * @param confinement what the runner has to keep the program from
 * @param outputBytes of each of the program's two streams that leave the sandbox (MAX_OUTPUT_BYTES)
 * @param cpuSeconds of one process of the program (CPU_TIME_LIMIT_SEC)
 * @param fileBytes that the program can write to one file
 * @param outputFiles that one run may return (MAX_OUTPUT_FILES)
 * @param outputFileBytes of one returned file; a longer one is skipped
 * @param outputTotalBytes of all returned files together
 * @param notebook what the program may show besides its output
 * @param session whether it is a session, and not a single run
 */
public record RunnerConfig(
        Map<String, String> environment,
        ProgramConfinement confinement,
        int outputBytes,
        int cpuSeconds,
        long fileBytes,
        int outputFiles,
        long outputFileBytes,
        long outputTotalBytes,
        NotebookFeatures notebook,
        boolean session) {

    private static final int OPEN_FILES = 1024;
    private static final int OUTPUT_DEPTH = 64;

    public RunnerConfig {
        environment = Map.copyOf(environment);
    }

    /** The same for a session. */
    public RunnerConfig forSession() {
        return new RunnerConfig(
                environment,
                confinement,
                outputBytes,
                cpuSeconds,
                fileBytes,
                outputFiles,
                outputFileBytes,
                outputTotalBytes,
                notebook,
                true);
    }

    JsonObject toJson() {
        JsonObjectBuilder variables = Json.createObjectBuilder();
        environment.forEach(variables::add);
        JsonObjectBuilder ulimits = Json.createObjectBuilder();
        confinement.ulimits().forEach(ulimits::add);
        JsonObjectBuilder config = Json.createObjectBuilder()
                .add("protocol", RunnerChannel.PROTOCOL)
                .add("workspace", "/workspace")
                .add("env", variables)
                .add("sockets", confinement.sockets().name().toLowerCase(Locale.ROOT))
                .add("ulimits", ulimits)
                .add("output_bytes", outputBytes)
                .add("cpu_seconds", cpuSeconds)
                .add("file_bytes", fileBytes)
                .add("open_files", OPEN_FILES)
                .add("output_files", outputFiles)
                .add("output_file_bytes", outputFileBytes)
                .add("output_total_bytes", outputTotalBytes)
                // The workspace's size too. Some engines do not keep it.
                .add("staged_bytes", outputTotalBytes)
                .add("output_depth", OUTPUT_DEPTH)
                .add("results", notebook.maxResults())
                .add("result_bytes", notebook.maxResultBytes())
                .add("notebook", notebook.syntax());
        if (session) {
            String guard = confinement.guard().name().toLowerCase(Locale.ROOT);
            config.add("session", Json.createObjectBuilder().add("guard", guard));
        }
        return config.build();
    }
}
