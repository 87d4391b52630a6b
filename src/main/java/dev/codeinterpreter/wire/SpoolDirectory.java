package dev.codeinterpreter.wire;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.storage.Account;
import dev.codeinterpreter.storage.StorageBudget;
import jakarta.inject.Inject;
import java.nio.file.Path;

/** Where that goes which is too long for the heap; all of it within the {@link StorageBudget}. */
@SingleInstance
public class SpoolDirectory {
    private final Path path;
    private final StorageBudget budget;

    @Inject
    SpoolDirectory(Settings settings, StorageBudget budget) {
        // Beside the stored files: the one place that an operator has given us to write to.
        this(Path.of(settings.text("FILE_STORAGE_DIR", "/tmp/code-interpreter-files"), "spool"), budget);
    }

    /** Spools to {@code path}, which is made when something is written. */
    public SpoolDirectory(Path path, StorageBudget budget) {
        this.path = path;
        this.budget = budget;
    }

    /** An empty one for an output, or for a file on its way from or to a session; the caller closes it. */
    public SpillBuffer overflow() {
        return new SpillBuffer(path, budget.outputs());
    }

    /** An empty one for an output that is read while it is written; the caller closes it. */
    public SpillQueue queue() {
        return new SpillQueue(path, budget.outputs());
    }

    /** What outputs are counted in. */
    public Account outputs() {
        return budget.outputs();
    }

    /** An empty one for a body that arrives. */
    SpillBuffer arriving() {
        return new SpillBuffer(path, budget.requests());
    }

    /** An empty one for the long strings of a body. */
    Spool texts() {
        return new Spool(path, budget.requests());
    }
}
