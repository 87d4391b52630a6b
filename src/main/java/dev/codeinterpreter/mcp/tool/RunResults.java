package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.mcp.message.Limits;
import dev.codeinterpreter.mcp.message.Protocol;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.run.RunResult;
import dev.codeinterpreter.runner.ProgramExit;
import dev.codeinterpreter.sandbox.BackendSelection;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.usage.Usage;
import jakarta.inject.Inject;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What run_python and run_bash answer. */
@SingleInstance
class RunResults {
    private static final System.Logger LOG = System.getLogger(RunResults.class.getName());

    private final FileStore store;
    private final Usage usage;
    private final RunConfig config;
    private final ResourceLimits sandbox;
    private final Limits limits = Limits.DEFAULT;

    @Inject
    RunResults(StoredFiles files, RunConfig config, BackendSelection selection, Usage usage) {
        this.usage = usage;
        this.store = files.store();
        this.config = config;
        this.sandbox = selection.backend().traits().limits();
    }

    /**
     * @param timeout that the run had
     * @param session whether it ran in one, so that names of earlier calls may be gone
     */
    ToolResult of(RunResult result, CapturedRun output, Duration timeout, boolean session, Protocol protocol) {
        ProgramExit exit = result.exit();
        HeadAndTail stdout = output.readStdout(limits.outputChars(), exit.stdoutTruncated());
        HeadAndTail stderr = output.readStderr(limits.outputChars(), exit.stderrTruncated());
        Listed listed = new Listed();
        // First, so that fifty files do not push them out.
        Optional<StoredFile> whole = stdout.isCut() ? output.storeStdout(store) : Optional.empty();
        Optional<StoredFile> wholeErrors = stderr.isCut() ? output.storeStderr(store) : Optional.empty();
        whole.ifPresent(listed::addOutput);
        wholeErrors.ifPresent(listed::addOutput);
        result.files().stream()
                .limit(limits.listedFiles())
                .forEach(file -> listed.add(file.path(), file.id(), file.size()));

        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("stdout", stdout.toString())
                .add("stderr", stderr.toString())
                .add(
                        "exit_code",
                        exit.exitCode().isPresent()
                                ? Json.createValue(exit.exitCode().getAsInt())
                                : JsonValue.NULL)
                .add("timed_out", exit.timedOut())
                .add("duration_ms", exit.wallTime().toMillis())
                .add("termination", exit.termination().name().toLowerCase(Locale.ROOT));
        if (listed.count > 0) {
            json.add("files", listed.files);
        }
        if (!result.skipped().isEmpty()) {
            JsonArrayBuilder skipped = Json.createArrayBuilder();
            result.skipped().stream()
                    .limit(limits.listedFiles())
                    .forEach(file -> skipped.add(
                            Json.createObjectBuilder().add("path", file.path()).add("reason", file.reason())));
            json.add("skipped_files", skipped);
        }
        if (session) {
            json.add("state_lost", exit.stateLost());
        }
        boolean cutOut = stdout.isCut() || exit.stdoutTruncated();
        boolean cutErrors = stderr.isCut() || exit.stderrTruncated();
        if (cutOut || cutErrors) {
            json.add(
                    "truncated",
                    Json.createObjectBuilder().add("stdout", cutOut).add("stderr", cutErrors));
        }
        hint(result, timeout, whole.or(() -> wholeErrors)).ifPresent(text -> json.add("hint", text));
        return ToolResult.shown(json.build(), listed.pictures, listed.links, protocol);
    }

    /** One at a time: what the model can do about it. */
    private Optional<String> hint(RunResult result, Duration timeout, Optional<StoredFile> whole) {
        ProgramExit exit = result.exit();
        long millis = timeout.toMillis();
        long most = RunBash.mostMillis(config, Caller.current());
        switch (exit.termination()) {
            case TIMEOUT -> {
                return Optional.of(
                        millis < most
                                ? "Stopped after %d ms; up to %d ms can be asked for with timeout_ms."
                                        .formatted(millis, most)
                                : "Stopped after %d ms, the longest that a run may take.".formatted(millis));
            }
            case OOM -> {
                return Optional.of("The memory of the sandbox (%d MB) was used up: work on less at a time."
                        .formatted(sandbox.programMemory() >> 20));
            }
            case CPU -> {
                return Optional.of("The processor time of a run (%d s) was used up: do less in one call."
                        .formatted(sandbox.cpuSeconds()));
            }
            case EXITED, SIGNALED -> {}
        }
        if (exit.stateLost()) {
            return Optional.of("The interpreter was replaced: variables and imports of earlier calls are gone.");
        }
        if (whole.isPresent()) {
            return whole.map(
                    file -> "Output was shortened; read_file with file_id %s shows all of it.".formatted(file.id()));
        }
        return result.files().size() > limits.listedFiles()
                ? Optional.of("%d files were written; the first %d are listed."
                        .formatted(result.files().size(), limits.listedFiles()))
                : Optional.empty();
    }

    /** Files as they are listed, shown and linked. */
    private final class Listed {
        private final JsonArrayBuilder files = Json.createArrayBuilder();
        private final List<Picture> pictures = new ArrayList<>();
        private final List<ToolResult.Link> links = new ArrayList<>();
        private int count;

        void addOutput(StoredFile file) {
            usage.file();
            add(file.name(), file.id(), file.size());
        }

        void add(String path, FileId id, long size) {
            Optional<String> picture = pictureType(id, size);
            String type = picture.orElseGet(() -> FileTypes.byName(path));
            JsonObjectBuilder file = Json.createObjectBuilder()
                    .add("path", path)
                    .add("file_id", id.toString())
                    .add("uri", ResourceUri.of(id))
                    .add("mime_type", type)
                    .add("size_bytes", size);
            if (picture.isPresent()) {
                pictures.add(Picture.stored(store, id, picture.get()));
                file.add("shown", true);
            }
            files.add(file);
            links.add(new ToolResult.Link(ResourceUri.of(id), path, type, size));
            count++;
        }

        /** Empty when it is no picture, too large, one too many, or cannot be read: the program has run, so it is linked only. */
        private Optional<String> pictureType(FileId id, long size) {
            if (pictures.size() >= limits.images() || size < FileTypes.PICTURE_HEAD || size > limits.imageBytes()) {
                return Optional.empty();
            }
            try {
                Optional<StoredContent> stored =
                        store.open(OwnerLimit.ofCaller().owner(), id);
                if (stored.isEmpty()) {
                    return Optional.empty();
                }
                try (StoredContent content = stored.get()) {
                    return FileTypes.picture(content.stream().readNBytes(FileTypes.PICTURE_HEAD));
                }
            } catch (IOException | ServiceException e) {
                LOG.log(System.Logger.Level.WARNING, "a picture is not shown: {0}", e.getMessage());
                return Optional.empty();
            }
        }
    }
}
