package dev.codeinterpreter.inventory;

import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.launch.LaunchConfig;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.sandbox.BackendTraits;
import dev.codeinterpreter.sandbox.ResourceLimits;
import jakarta.json.JsonObject;

/** What a program may use, as the settings say. */
final class Limits {
    private Limits() {}

    static JsonObject json(BackendTraits traits, RunConfig runs, LaunchConfig launches, FilesConfig files) {
        ResourceLimits limits = traits.limits();
        return Json.createObjectBuilder()
                .add("network", !traits.isolatesNetwork())
                .add("max_timeout_ms", runs.maxTimeout().toMillis())
                .add("cpu_seconds", limits.cpuSeconds())
                .add("processors", limits.cpus())
                .add("processes", limits.pids())
                .add("memory_bytes", limits.programMemory())
                .add("workspace_bytes", limits.workspace())
                .add("tmp_bytes", limits.tmp())
                .add("output_bytes", runs.outputBytes())
                .add("output_files", launches.maxOutputFiles())
                .add("file_bytes", files.maxFileBytes())
                .add("staged_files", runs.maxStagedFiles())
                .add("staged_bytes", runs.maxStagedBytes())
                .build();
    }
}
