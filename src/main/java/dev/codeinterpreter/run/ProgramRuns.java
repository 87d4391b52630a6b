package dev.codeinterpreter.run;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.RequestNotes;
import jakarta.inject.Inject;

/** Carries commands out, each over a channel of its own. */
@SingleInstance
public class ProgramRuns {
    private final FileStore store;
    private final SpoolDirectory spool;
    private final Deadlines deadlines;
    private final RunListener listener;

    @Inject
    ProgramRuns(FileStore store, SpoolDirectory spool, Deadlines deadlines, RunListener listener) {
        this.store = store;
        this.spool = spool;
        this.deadlines = deadlines;
        this.listener = listener;
    }

    /**
     * @param name of the sandbox, for the log
     * @param cut ends the command early; the channel's reads then fail. Called when time is up or nobody waits any more
     * @throws ServiceException when there is no result; the command is not to be run again
     */
    public RunResult run(
            String name,
            SandboxChannel channel,
            Runnable cut,
            Command command,
            OutputSink output,
            Cancellation cancellation) {
        RequestNotes.current().sandbox(name);
        cancellation.onCancel(cut);
        cancellation.throwIfCancelled();
        ProgramRun.Link link = new ProgramRun.Link(name, channel, cut);
        RunResult result = new ProgramRun(
                        link, OwnerLimit.ofCaller(), store, spool, deadlines, cancellation, RunTimings.DEFAULT)
                .run(command, output);
        result.files().forEach(file -> listener.stored());
        listener.returned(
                result.files().stream().mapToLong(RunResult.OutputFile::size).sum());
        return result;
    }
}
