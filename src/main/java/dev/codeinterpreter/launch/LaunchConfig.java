package dev.codeinterpreter.launch;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.runner.NotebookFeatures;
import java.util.List;

/**
 * @param preload modules that a sandbox of the pool imports before its run (PRELOAD_MODULES)
 * @param maxOutputFiles that one run may return (MAX_OUTPUT_FILES)
 * @param notebook what programs have of a notebook
 */
public record LaunchConfig(List<String> preload, int maxOutputFiles, NotebookFeatures notebook) {
    /** What most programs of agents import, and what takes longest to import. */
    private static final String DEFAULT_MODULES = "numpy,pandas,matplotlib.pyplot";

    private static final String NO_MODULES = "none";

    public LaunchConfig {
        preload = List.copyOf(preload);
    }

    public static LaunchConfig from(Settings settings) {
        return new LaunchConfig(
                settings.words("PRELOAD_MODULES", DEFAULT_MODULES).stream()
                        .filter(module -> !module.equals(NO_MODULES))
                        .toList(),
                settings.integer("MAX_OUTPUT_FILES", 1000, 1, 100_000),
                new NotebookFeatures(
                        settings.integer("MAX_RESULTS", 100, 1, 10_000),
                        settings.integer("MAX_RESULT_BYTES", 1_000_000, 1024, 1 << 26),
                        settings.flag("NOTEBOOK_SYNTAX", true)));
    }
}
