package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.run.WorkspacePath;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.ProblemReason;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.schedule.Cancellation;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.SpillBuffer;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a session's runner does at once and by itself, without a program: tell and change the time to live, list files. */
@SingleInstance
public class SessionCalls {
    private static final Set<ProblemReason> EXPECTED = EnumSet.of(
            ProblemReason.CHANGED,
            ProblemReason.EXHAUSTED,
            ProblemReason.NOT_A_FILE,
            ProblemReason.NOT_FOUND,
            ProblemReason.NO_SPACE);

    private final SessionLinks links;
    private final Launcher launcher;
    private final CallPermits permits;
    private final Deadlines deadlines;
    private final Clock clock;
    private final SessionTimings timings;

    @Inject
    SessionCalls(
            SessionLinks links,
            Launcher launcher,
            CallPermits permits,
            Deadlines deadlines,
            Clock clock,
            SessionTimings timings) {
        this.links = links;
        this.launcher = launcher;
        this.permits = permits;
        this.deadlines = deadlines;
        this.clock = clock;
        this.timings = timings;
    }

    /** A conversation that gives a {@code T}; {@code link} is what it goes through. */
    private interface Call<T> {
        T with(RunnerChannel channel, SessionLink link) throws IOException;
    }

    /** When it ends. */
    Instant expiry(String session) {
        return call(session, permits::call, links::connect, this::expiryOf);
    }

    /** As the other, for the service itself, of a session of the tenant with that label. */
    Instant expiry(String session, String tenantLabel) {
        return call(session, permits::call, id -> links.connect(id, tenantLabel), this::expiryOf);
    }

    /** Lets it live for {@code timeToLive} from now on; gives its new end. */
    Instant keepAlive(String session, Duration timeToLive, Cancellation cancellation) {
        return call(session, () -> permits.call(cancellation), (channel, link) -> {
            channel.keepAlive(timeToLive.toSeconds());
            return clock.instant().plus(timeToLive);
        });
    }

    /**
     * Sees to it that a session lives for {@code timeToLive} from now on at least.
     *
     * @throws ServiceException NOT_FOUND, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE
     */
    public void ensure(String session, Duration timeToLive, Cancellation cancellation) {
        boolean _ = call(session, () -> permits.call(cancellation), (channel, link) -> {
            if (end(channel).isBefore(clock.instant().plus(timeToLive))) {
                channel.keepAlive(timeToLive.toSeconds());
            } else {
                link.release();
            }
            return true;
        });
    }

    /** Where a list goes. */
    public interface FileSink {
        /** @param size in bytes */
        void add(String path, long size) throws IOException;
    }

    /**
     * The regular files of its workspace, page by page.
     *
     * @param limit of files, at most
     * @param after a path: the files are those whose paths are greater, in the order of their bytes in UTF-8
     * @throws ServiceException NOT_FOUND, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE
     */
    public void list(String session, int limit, String after, FileSink files) {
        boolean _ = call(session, permits::call, (channel, link) -> {
            channel.list(limit, after);
            receive(channel, files);
            return true;
        });
    }

    /**
     * A page of its regular files; the caller writes what it gets, or closes it.
     *
     * @param limit of files, at most
     * @param after a path: the files are those whose paths are greater, in the order of their bytes in UTF-8
     * @param spool where the page waits
     */
    SessionFiles list(String session, int limit, String after, Supplier<SpillBuffer> spool) {
        SessionFiles files = new SessionFiles(spool.get());
        try {
            list(session, limit, after, files::add);
            files.finish();
            return files;
        } catch (RuntimeException e) {
            files.close();
            throw e;
        }
    }

    /**
     * Deletes one regular file of its workspace.
     *
     * @throws ServiceException NOT_FOUND, INVALID_REQUEST when something else is at that path, CONFLICT, CONCURRENCY_LIMIT or
     *     CAPACITY_UNAVAILABLE
     */
    public void delete(String session, WorkspacePath path) {
        boolean _ = call(session, permits::call, (channel, link) -> {
            channel.remove(path.value());
            return true;
        });
    }

    /**
     * Ends it.
     *
     * @throws ServiceException NOT_FOUND, CONCURRENCY_LIMIT or CAPACITY_UNAVAILABLE
     */
    public void remove(String session) {
        links.checkId(session);
        try (CallPermits.Permit _ = permits.call()) {
            links.remove(session);
        }
    }

    private static void receive(RunnerChannel channel, FileSink files) throws IOException {
        while (true) {
            switch (channel.next()) {
                case Frame.FileStart file -> files.add(file.path(), file.size());
                case Frame.Skipped skipped -> {}
                case Frame.Problem problem -> throw new RunnerProblemException(problem);
                case Frame.Done done -> {
                    return;
                }
                case Frame other -> throw new IOException("unexpected " + other.getClass());
            }
        }
    }

    private Instant expiryOf(RunnerChannel channel, SessionLink link) throws IOException {
        Instant end = end(channel);
        link.release();
        return end;
    }

    private Instant end(RunnerChannel channel) throws IOException {
        double seconds = channel.ready().secondsLeft().orElseThrow(() -> new IOException("not a session"));
        return clock.instant().plusMillis(Math.round(Math.clamp(seconds, 0, 86_400) * 1000));
    }

    private <T> T call(String session, Supplier<CallPermits.Permit> permit, Call<T> call) {
        return call(session, permit, links::connect, call);
    }

    private <T> T call(
            String session, Supplier<CallPermits.Permit> permit, Function<String, SessionLink> connect, Call<T> call) {
        links.checkId(session);
        try (CallPermits.Permit _ = permit.get();
                SessionLink link = connect.apply(session);
                Deadlines.Deadline _ = deadlines.start(timings.call(), link::close)) {
            T result = call.with(link.join(), link);
            link.hold();
            return result;
        } catch (IOException e) {
            throw explain(session, e);
        }
    }

    /** What the client gets to know of a call that failed. */
    RuntimeException explain(String session, Exception cause) {
        return switch (cause) {
            case RunnerProblemException problem -> failure(problem);
            case RuntimeException failure -> failure;
            default ->
                links.hasEnded(session)
                        ? SessionLinks.notFound(session)
                        : ServiceException.capacity(Rejection.SESSION_LOST, "a session did not answer.", cause);
        };
    }

    private ServiceException failure(RunnerProblemException e) {
        return e.reason() == ProblemReason.TOO_LARGE
                ? NewFile.tooLarge(launcher.runnerConfig().outputFileBytes())
                : e.reason().failure(EXPECTED, e);
    }
}
