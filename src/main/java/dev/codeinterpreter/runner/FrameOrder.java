package dev.codeinterpreter.runner;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Which frame may follow which in one run, and how much all of them may hold: STARTED, output and what is shown, EXIT, files
 * and skipped entries, DONE. A runner of ours keeps to it; whatever does not is no runner of ours.
 */
final class FrameOrder {
    /** The runner names at most 100 skipped entries, one limit, and 20 files outside of the workspace. */
    private static final int MAX_SKIPPED = 121;

    /** Bytes of all paths that are returned, as in workspace.py. */
    private static final int PATHS_TOTAL = 128 << 10;

    /** Of one thing that is shown, as in shown.py. */
    private static final int MAX_FORMS = 32;

    private enum State {
        STARTING,
        RUNNING,
        COLLECTING,
        DONE
    }

    private final RunnerConfig config;
    private State state = State.STARTING;
    private boolean dataFollows = true;
    private byte[] lastPath = {};
    private long stdoutLeft;
    private long stderrLeft;
    private long totalLeft;
    private long fileLeft;
    private int filesLeft;
    private int pathsLeft = PATHS_TOTAL;
    private int skippedLeft = MAX_SKIPPED;
    private boolean showing;
    private boolean hasValue;
    private int resultsLeft;
    private int formsLeft;
    private long inlineLeft;

    FrameOrder(RunnerConfig config) {
        this.config = config;
        stdoutLeft = config.outputBytes();
        stderrLeft = config.outputBytes();
        totalLeft = config.outputTotalBytes();
        filesLeft = config.outputFiles();
        resultsLeft = config.notebook().maxResults();
        inlineLeft = config.notebook().maxResultBytes();
    }

    /** What follows is a list of at most {@code limit} files without their data, each path greater than the one before. */
    void expectListing(int limit, String after) {
        state = State.COLLECTING;
        dataFollows = false;
        totalLeft = Long.MAX_VALUE;
        filesLeft = limit;
        lastPath = after.getBytes(StandardCharsets.UTF_8);
    }

    /** What follows is one file. */
    void expectFile() {
        state = State.COLLECTING;
        filesLeft = 1;
    }

    Frame checked(Frame frame) throws RunnerProtocolException {
        switch (frame) {
            case Frame.Started started -> {
                require(state == State.STARTING, "a second start");
                state = State.RUNNING;
            }
            case Frame.Stdout stdout -> {
                require(state == State.RUNNING, "output of no running program");
                stdoutLeft -= stdout.bytes().length;
                require(stdout.bytes().length > 0 && stdoutLeft >= 0, "no output, or more than the limit");
            }
            case Frame.Stderr stderr -> {
                require(state == State.RUNNING, "output of no running program");
                stderrLeft -= stderr.bytes().length;
                require(stderr.bytes().length > 0 && stderrLeft >= 0, "no output, or more than the limit");
            }
            case Frame.Show show -> {
                require(state == State.RUNNING && !showing, "something shown out of order");
                require(--resultsLeft >= 0, "more shown than the limit");
                require(!show.value() || !hasValue, "a second value");
                hasValue |= show.value();
                showing = true;
                formsLeft = MAX_FORMS;
            }
            case Frame.Form form -> {
                require(showing && fileLeft == 0 && --formsLeft >= 0, "a form out of order");
                checkForm(form);
            }
            case Frame.ShowEnd end -> {
                require(showing && (fileLeft == 0 || !end.complete()), "the end of nothing that is shown");
                showing = false;
                fileLeft = 0;
            }
            case Frame.Exit exit -> {
                require(state == State.RUNNING && !showing, "an exit without a start");
                state = State.COLLECTING;
            }
            case Frame.FileStart file -> {
                require(state == State.COLLECTING && fileLeft == 0, "a file out of order");
                require(!dataFollows || file.size() <= config.outputFileBytes(), "a file over the limit");
                fileLeft = dataFollows ? file.size() : 0;
                totalLeft -= fileLeft;
                require(totalLeft >= 0 && --filesLeft >= 0, "more files than the limit");
                checkPath(file.path().getBytes(StandardCharsets.UTF_8));
            }
            case Frame.Data data -> {
                fileLeft -= data.bytes().length;
                require(data.bytes().length > 0 && fileLeft >= 0, "other data than announced");
            }
            case Frame.Skipped skipped ->
                require(
                        state == State.COLLECTING && fileLeft == 0 && --skippedLeft >= 0,
                        "a skipped entry out of order");
            case Frame.Done done -> {
                require(state == State.COLLECTING && fileLeft == 0, "done before the end");
                state = State.DONE;
            }
            case Frame.Pong pong -> throw new RunnerProtocolException("an answer to no ping");
            case Frame.Compiled compiled -> throw new RunnerProtocolException("code after READY");
            case Frame.Ready ready -> throw new RunnerProtocolException("a second READY");
            case Frame.Problem problem -> require(state != State.DONE, "a problem after the end");
        }
        return frame;
    }

    private void checkForm(Frame.Form form) throws RunnerProtocolException {
        fileLeft = form.size();
        if (form.path().isEmpty()) {
            inlineLeft -= form.size();
            require(inlineLeft >= 0, "longer forms than the limit");
            return;
        }
        require(form.size() > 0 && form.size() <= config.outputFileBytes(), "a file over the limit");
        totalLeft -= form.size();
        require(totalLeft >= 0 && --filesLeft >= 0, "more files than the limit");
        checkPath(form.path().get().getBytes(StandardCharsets.UTF_8));
    }

    private void checkPath(byte[] path) throws RunnerProtocolException {
        if (dataFollows) {
            pathsLeft -= path.length;
            require(pathsLeft >= 0, "longer paths than the limit");
        } else {
            require(Arrays.compareUnsigned(path, lastPath) > 0, "a list out of order");
            lastPath = path;
        }
    }

    private static void require(boolean condition, String violation) throws RunnerProtocolException {
        if (!condition) {
            throw new RunnerProtocolException(violation);
        }
    }
}
