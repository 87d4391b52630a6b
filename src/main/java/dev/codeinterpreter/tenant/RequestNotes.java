package dev.codeinterpreter.tenant;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is noted of a request while it is served, for the audit log. Code that knows a fact notes it; nothing of a program, of
 * its output or of a credential is ever in here but the digest of the code. May be written and read by any thread.
 */
public final class RequestNotes {
    /** Of one request: MAX_STAGED_FILES is at most 10,000, and a line of the log has to end. */
    private static final int MAX_FILES = 200;

    private static final ScopedValue<RequestNotes> CURRENT = ScopedValue.newInstance();

    private final boolean kept;
    private Caller caller = Caller.NOBODY;
    private @Nullable String operation;
    private @Nullable Code code;
    private @Nullable String outcome;
    private @Nullable String sandbox;
    private OptionalInt exitCode = OptionalInt.empty();
    private @Nullable Duration wallTime;
    private final List<String> files = new ArrayList<>();
    private int moreFiles;
    private final List<RequestNotes> parts = new ArrayList<>();

    /**
     * Of a program's source.
     *
     * @param sha256 in hexadecimal
     * @param length in bytes
     */
    public record Code(String sha256, long length) {}

    /** @param kept whether anybody will read them; if not, what costs something to find out is not worth it */
    public RequestNotes(boolean kept) {
        this.kept = kept;
    }

    /** Those of the request that the thread works for; ones that nobody reads when it works for none. */
    public static RequestNotes current() {
        return CURRENT.isBound() ? CURRENT.get() : new RequestNotes(false);
    }

    /** Does {@code task} for the request of which these are. */
    public void run(Runnable task) {
        ScopedValue.where(CURRENT, this).run(task);
    }

    /** As {@link #run}, for what has a result. */
    public <T> T get(Supplier<T> task) {
        return ScopedValue.where(CURRENT, this).call(task::get);
    }

    /** Notes of one of the several things that the request asks for, which are recorded in place of these. */
    public synchronized RequestNotes part() {
        RequestNotes part = new RequestNotes(kept);
        part.caller = caller;
        part.operation = operation;
        parts.add(part);
        return part;
    }

    public synchronized List<RequestNotes> parts() {
        return List.copyOf(parts);
    }

    public boolean areKept() {
        return kept;
    }

    /** In whose name it is served, or would be. */
    public synchronized void caller(Caller known) {
        caller = known;
    }

    /** What the request does, such as {@code execute}. */
    public synchronized void operation(String name) {
        operation = name;
    }

    public synchronized void code(String sha256, long length) {
        code = new Code(sha256, length);
    }

    /** How it ended, where the answer's status does not say it: a program's termination, or an error's code. */
    public synchronized void outcome(String word) {
        outcome = word;
    }

    public synchronized void exit(String termination, OptionalInt code, Duration took) {
        outcome = termination;
        exitCode = code;
        wallTime = took;
    }

    public synchronized void sandbox(String id) {
        sandbox = id;
    }

    /** A stored file that was staged, stored, read or deleted. */
    public synchronized void file(String id) {
        if (!kept || files.contains(id)) {
            return;
        }
        if (files.size() < MAX_FILES) {
            files.add(id);
        } else {
            moreFiles++;
        }
    }

    public synchronized Caller caller() {
        return caller;
    }

    public synchronized Optional<String> operation() {
        return Optional.ofNullable(operation);
    }

    public synchronized Optional<Code> code() {
        return Optional.ofNullable(code);
    }

    public synchronized Optional<String> outcome() {
        return Optional.ofNullable(outcome);
    }

    public synchronized Optional<String> sandbox() {
        return Optional.ofNullable(sandbox);
    }

    public synchronized OptionalInt exitCode() {
        return exitCode;
    }

    public synchronized Optional<Duration> wallTime() {
        return Optional.ofNullable(wallTime);
    }

    public synchronized List<String> files() {
        return List.copyOf(files);
    }

    /** Files beside those of {@link #files}. */
    public synchronized int moreFiles() {
        return moreFiles;
    }
}
