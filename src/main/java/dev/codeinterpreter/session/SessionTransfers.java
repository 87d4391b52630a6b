package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.ServerSettings;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Deadlines;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Files into sessions and out of them, straight between the client and the session's runner: nothing of them is ever in the
 * file store, nor on our disk. They may take as long as they move, see {@link TransferWatch}.
 */
@SingleInstance
public class SessionTransfers {
    private final SessionLinks links;
    private final SessionCalls calls;
    private final Launcher launcher;
    private final CallPermits permits;
    private final Deadlines deadlines;
    private final Duration period;
    /** In each period: of MIN_TRANSFER_BYTES_PER_SEC, and one when that is off, so that nothing stands still for ever. */
    private final long minBytes;

    @Inject
    SessionTransfers(
            SessionLinks links,
            SessionCalls calls,
            Launcher launcher,
            CallPermits permits,
            Deadlines deadlines,
            ServerSettings server,
            SessionTimings timings) {
        this.links = links;
        this.calls = calls;
        this.launcher = launcher;
        this.permits = permits;
        this.deadlines = deadlines;
        this.period = timings.transfer();
        this.minBytes = Math.max(1, (long) server.minTransferRate() * period.toSeconds());
    }

    /** Bytes of the largest file (MAX_FILE_SIZE_MB). */
    public long maxFileBytes() {
        return launcher.runnerConfig().outputFileBytes();
    }

    /**
     * Begins to read a file of the workspace. The caller has to write what it gets, which also ends the reading; what is
     * never written ends as a transfer that does not move.
     *
     * @throws ServiceException NOT_FOUND, TOO_LARGE, CONFLICT, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE
     */
    public SessionFile open(String session, WorkspacePath path) {
        links.checkId(session);
        CallPermits.Permit permit = permits.transfer();
        SessionLink link;
        try {
            link = links.connect(session);
        } catch (RuntimeException e) {
            permit.close();
            throw e;
        }
        TransferWatch watch = watch(() -> {
            link.close();
            permit.close();
        });
        Runnable close = () -> {
            watch.close();
            link.close();
            permit.close();
        };
        try {
            RunnerChannel channel = link.join();
            channel.get(path.value());
            return new SessionFile(channel, watch, close, sizeOf(channel.next()));
        } catch (IOException | RuntimeException e) {
            close.run();
            throw calls.explain(session, e);
        }
    }

    /**
     * Puts {@code size} bytes of {@code content} at {@code path}, in place of a file that is there. An end of the content
     * before its size leaves the session as it was.
     *
     * @throws RuntimeException as {@link #open} does, and what reading {@code content} throws
     */
    public void write(String session, WorkspacePath path, long size, InputStream content) {
        links.checkId(session);
        try (CallPermits.Permit _ = permits.transfer();
                SessionLink link = links.connect(session);
                TransferWatch watch = watch(link::close)) {
            try {
                send(session, link.join(), link, path, size, watch.over(content));
                link.hold();
            } catch (IOException e) {
                throw calls.explain(session, e);
            }
        }
    }

    /** This thread reads the content, so that nobody reads it any more when this returns; another one hears the runner. */
    private static void send(
            String session,
            RunnerChannel channel,
            SandboxChannel link,
            WorkspacePath path,
            long size,
            TransferWatch.Content content)
            throws IOException {
        LastWord lastWord = LastWord.await(session, channel, link);
        try {
            channel.put(path.value(), size, content);
        } catch (IOException e) {
            link.close();
            content.checkSpeed();
            // Why it takes no more, if it said so.
            lastWord.get();
            throw e;
        } catch (RuntimeException e) {
            link.close();
            throw e;
        }
        lastWord.get();
    }

    private TransferWatch watch(Runnable end) {
        return new TransferWatch(deadlines, period, minBytes, end);
    }

    private static long sizeOf(Frame first) throws IOException {
        return switch (first) {
            case Frame.FileStart file -> file.size();
            case Frame.Problem problem -> throw new RunnerProblemException(problem);
            case Frame.Skipped skipped ->
                throw new ServiceException(
                        ErrorCode.CONFLICT, "The file cannot be read: %s".formatted(skipped.reason()));
            case Frame other -> throw new IOException("unexpected " + other.getClass());
        };
    }
}
