package dev.codeinterpreter.spool;

import dev.codeinterpreter.storage.Account;
import dev.codeinterpreter.storage.StorageBudget;
import java.nio.file.Path;

/** Where that goes which is too long for the heap; all of it within the {@link StorageBudget}. */
public class SpoolDirectory {
    private final Path path;
    private final StorageBudget budget;

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
    public SpillBuffer arriving() {
        return new SpillBuffer(path, budget.requests());
    }

    /** An empty one for the long strings of a body. */
    public Spool texts() {
        return new Spool(path, budget.requests());
    }
}
