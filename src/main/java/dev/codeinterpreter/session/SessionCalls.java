package dev.codeinterpreter.session;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.execution.Feeder;
import dev.codeinterpreter.execution.WorkspacePath;
import dev.codeinterpreter.pool.Launcher;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.runner.RunnerProblemException;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.schedule.Deadlines;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a session's runner does by itself, without a program: tell and change the time to live, list, read and write files. */
@SingleInstance
public class SessionCalls {
    /** For one call, a file of 100 MB included. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SessionLinks links;
    private final Launcher launcher;
    private final Deadlines deadlines;
    private final Clock clock;

    @Inject
    SessionCalls(SessionLinks links, Launcher launcher, Deadlines deadlines, Clock clock) {
        this.links = links;
        this.launcher = launcher;
        this.deadlines = deadlines;
        this.clock = clock;
    }

    /** A conversation that gives a {@code T}; {@code link} is what it goes through. */
    private interface Call<T> {
        T with(RunnerChannel channel, SandboxChannel link) throws IOException;
    }

    /** When it ends. */
    Instant expiry(String session) {
        return call(session, (channel, link) -> expiryOf(channel));
    }

    /** Lets it live for {@code timeToLive} from now on; gives its new end. */
    Instant keepAlive(String session, Duration timeToLive) {
        return call(session, (channel, link) -> {
            channel.keepAlive(timeToLive.toSeconds());
            return clock.instant().plus(timeToLive);
        });
    }

    SessionFiles list(String session) {
        return call(session, (channel, link) -> {
            channel.list();
            List<SessionFiles.File> files = new ArrayList<>();
            while (true) {
                switch (channel.next()) {
                    case Frame.FileStart file -> files.add(new SessionFiles.File(file.path(), file.size()));
                    case Frame.Skipped skipped -> {}
                    case Frame.Problem problem -> throw new RunnerProblemException(problem);
                    case Frame.Done done -> {
                        return new SessionFiles(files);
                    }
                    case Frame other -> throw new IOException("unexpected " + other.getClass());
                }
            }
        });
    }

    /** Receives a file: first its size, then its bytes. */
    interface Receiver {
        OutputStream accept(long size) throws IOException;
    }

    /** Sends a file of the workspace to {@code receiver}. */
    void read(String session, WorkspacePath path, Receiver receiver) {
        call(session, (channel, link) -> {
            channel.get(path.value());
            OutputStream target = OutputStream.nullOutputStream();
            while (true) {
                switch (channel.next()) {
                    case Frame.FileStart file -> target = receiver.accept(file.size());
                    case Frame.Data data -> target.write(data.bytes());
                    case Frame.Skipped skipped ->
                        throw new ServiceException(
                                ErrorCode.INVALID_REQUEST,
                                "File '%s' cannot be read: %s".formatted(path.value(), skipped.reason()));
                    case Frame.Problem problem -> throw new RunnerProblemException(problem);
                    case Frame.Done done -> {
                        return path;
                    }
                    case Frame other -> throw new IOException("unexpected " + other.getClass());
                }
            }
        });
    }

    /** Puts {@code size} bytes at {@code path}, in place of a file that is there. */
    void write(String session, WorkspacePath path, long size, InputStream content) {
        call(session, (channel, link) -> {
            Feeder feeder = Feeder.start(session, link, () -> channel.put(path.value(), size, content));
            try {
                channel.expectDone();
            } catch (IOException e) {
                throw feeder.explain(e);
            }
            return path;
        });
    }

    private Instant expiryOf(RunnerChannel channel) throws IOException {
        double seconds = channel.ready().secondsLeft().orElseThrow(() -> new IOException("not a session"));
        return clock.instant().plusMillis(Math.round(Math.clamp(seconds, 0, 86_400) * 1000));
    }

    private <T> T call(String session, Call<T> call) {
        try (SandboxChannel link = links.connect(session);
                Deadlines.Deadline _ = deadlines.start(PATIENCE, link::close)) {
            try {
                return call.with(RunnerChannel.join(link, launcher.runnerConfig()), link);
            } catch (RunnerProblemException e) {
                throw failure(e);
            } catch (IOException e) {
                if (links.hasEnded(session)) {
                    throw SessionLinks.notFound(session);
                }
                throw ServiceException.capacity("session lost", "a session did not answer.", e);
            }
        }
    }

    private ServiceException failure(RunnerProblemException e) {
        return switch (e.problem().reason()) {
            case "not_found" -> new ServiceException(ErrorCode.NOT_FOUND, "There is no such file in the session");
            case "not_a_file" ->
                new ServiceException(ErrorCode.INVALID_REQUEST, "Something else than a file is at that path");
            case "changed" ->
                new ServiceException(ErrorCode.CONFLICT, "The file was written to while it was read, try again.");
            case "too_large" ->
                new ServiceException(
                        ErrorCode.TOO_LARGE,
                        "File size exceeds maximum of %d MB"
                                .formatted(launcher.runnerConfig().outputFileBytes() >> 20));
            case "no_space" -> new ServiceException(ErrorCode.TOO_LARGE, "The file does not fit into the workspace.");
            case "exhausted" ->
                new ServiceException(
                        ErrorCode.CONFLICT, "The session has no room for another process: end some, or the session.");
            default -> ServiceException.capacity("session lost", "a session did not do what it was asked.", e);
        };
    }
}
