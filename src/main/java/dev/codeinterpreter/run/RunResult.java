package dev.codeinterpreter.run;

import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.runner.ProgramExit;
import java.util.List;

/**
 * How a program ended and what it left.
 *
 * @param files that it made or changed, each stored under a new id
 * @param skipped entries of the workspace that are not returned, and files outside of it
 */
public record RunResult(ProgramExit exit, List<OutputFile> files, List<SkippedFile> skipped) {

    /**
     * @param path below the workspace
     * @param size in bytes
     */
    public record OutputFile(String path, FileId id, long size) {}

    /** @param reason one word, such as {@code symlink} or {@code too_large} */
    public record SkippedFile(String path, String reason) {}

    public RunResult {
        files = List.copyOf(files);
        skipped = List.copyOf(skipped);
    }
}
