package dev.codeinterpreter.runner;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.SandboxChannel;
import jakarta.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;

/**
 * The conversation with one runner.
 *
 * <p>Theory of operation: {@link #open} sends the runner and its configuration and waits for READY. Then {@link #stage} any
 * number of files, {@link #run} once, and {@link #next} until DONE, on another thread: the program may print before it has
 * read. No wait here has a deadline of its own: the owner of the sandbox closes it when time is up, and the blocked call
 * fails. Frames arrive in an order that {@link FrameOrder} enforces.
 */
public final class RunnerChannel {
    static final int PROTOCOL = 1;

    /** Bytes: most programs and most inputs are smaller, and have no need of a buffer for the largest frame. */
    private static final int FIRST_PIECE = 4096;

    private static final long UNKNOWN = Long.MAX_VALUE;

    private final FrameWriter writer;
    private final FrameReader reader;
    private final FrameOrder order;
    private final Frame.Ready ready;

    private RunnerChannel(FrameWriter writer, FrameReader reader, FrameOrder order, Frame.Ready ready) {
        this.writer = writer;
        this.reader = reader;
        this.order = order;
        this.ready = ready;
    }

    /**
     * @throws RunnerProtocolException when something else than our runner answers
     * @throws IOException when the sandbox ends before it is ready
     */
    public static RunnerChannel open(SandboxChannel channel, RunnerConfig config) throws IOException {
        FrameWriter writer = new FrameWriter(channel.output());
        FrameReader reader = new FrameReader(channel.input());
        RunnerCode code = RunnerScript.code(config.session());
        code.send(writer);
        writer.json(FrameWriter.CONFIG, config.toJson());
        writer.flush();
        return awaitReady(code.cacheCompiled(reader), writer, reader, config);
    }

    /**
     * Speaks to the runner of a running session, over a channel that {@link RunnerScript#connector} made: one command.
     *
     * @throws IOException as {@link #open} does
     */
    public static RunnerChannel join(SandboxChannel channel, RunnerConfig config) throws IOException {
        FrameReader reader = new FrameReader(channel.input());
        return awaitReady(reader.next(), new FrameWriter(channel.output()), reader, config);
    }

    /**
     * The same over a channel that has carried a command before, all of which was sent, and its whole answer.
     *
     * @throws IOException as {@link #open} does
     */
    public static RunnerChannel joinAgain(SandboxChannel channel, RunnerConfig config) throws IOException {
        FrameWriter writer = new FrameWriter(channel.output());
        writer.empty(FrameWriter.NEXT);
        writer.flush();
        return join(channel, config);
    }

    private static RunnerChannel awaitReady(Frame first, FrameWriter writer, FrameReader reader, RunnerConfig config)
            throws IOException {
        return switch (first) {
            case Frame.Ready ready
            when ready.protocol() == PROTOCOL -> new RunnerChannel(writer, reader, new FrameOrder(config), ready);
            case Frame.Problem problem -> throw new RunnerProtocolException("the runner cannot start: " + problem);
            case Frame other -> throw new RunnerProtocolException("expected READY, got " + other.getClass());
        };
    }

    /** What the runner said of itself when it was ready. */
    public Frame.Ready ready() {
        return ready;
    }

    /**
     * Returns when the runner has answered, which it does at once until {@link #run}.
     *
     * @return how far the import of libraries is
     * @throws IOException when it does not
     */
    public Libraries ping() throws IOException {
        writer.empty(FrameWriter.PING);
        writer.flush();
        return pong();
    }

    /**
     * Waits for an import that is under way, for so long at most.
     *
     * @return how far it is then
     * @throws IOException as {@link #ping} does
     */
    public Libraries awaitLibraries(Duration timeout) throws IOException {
        command(
                FrameWriter.PING,
                Json.createObjectBuilder()
                        .add("seconds", timeout.toMillis() / 1000.0)
                        .build());
        return pong();
    }

    private Libraries pong() throws IOException {
        if (reader.next() instanceof Frame.Pong(Libraries libraries)) {
            return libraries;
        }
        throw new RunnerProtocolException("expected the answer to a ping");
    }

    /**
     * Has the runner import modules in a second child, which runs the program if it is ready by then; {@link #ping} says when.
     * Once, before {@link #run}.
     *
     * @param timeout after which the runner gives the import up
     */
    public void preload(List<String> modules, Duration timeout) throws IOException {
        command(
                FrameWriter.PRELOAD,
                Json.createObjectBuilder()
                        .add("modules", Json.createArrayBuilder(modules))
                        .add("seconds", timeout.toSeconds())
                        .build());
    }

    /** Puts a file of exactly {@code size} bytes into the workspace; it may leave with {@link #run} only. */
    public void stage(String path, long size, InputStream content) throws IOException {
        writer.json(
                FrameWriter.FILE,
                Json.createObjectBuilder().add("path", path).add("size", size).build());
        sendData(path, size, content);
    }

    /** Gives a session's interpreter the code of the {@link #run} that follows; {@code size} in bytes of UTF-8. */
    public void sessionCode(long size, InputStream content) throws IOException {
        writer.json(
                FrameWriter.CODE, Json.createObjectBuilder().add("size", size).build());
        sendData("the code", size, content);
    }

    /** Puts a file into a session: the one command of this channel. The runner has its header before {@code content} is read. */
    public void put(String path, long size, InputStream content) throws IOException {
        command(
                FrameWriter.FILE,
                Json.createObjectBuilder().add("path", path).add("size", size).build());
        sendData(path, size, content);
        writer.flush();
    }

    /**
     * Starts the program staged as {@code __main__.py} with all of {@code stdin} as its input; it is killed {@code timeout}
     * after its start. Blocks while the program does not read.
     *
     * @param results whether what it shows comes back
     */
    public void run(Duration timeout, boolean lastLineInteractive, boolean results, InputStream stdin)
            throws IOException {
        writer.json(
                FrameWriter.RUN,
                Json.createObjectBuilder()
                        .add("timeout_ms", timeout.toMillis())
                        .add("last_line_interactive", lastLineInteractive)
                        .add("results", results)
                        .build());
        copy(FrameWriter.STDIN, stdin, UNKNOWN);
        writer.empty(FrameWriter.STDIN_EOF);
        writer.flush();
    }

    /**
     * Tells a session's runner to serve its socket for so long. It answers DONE; from then on the end of this channel does not
     * end the sandbox.
     */
    public void listen(Duration timeToLive) throws IOException {
        command(
                FrameWriter.LISTEN,
                Json.createObjectBuilder()
                        .add("seconds", timeToLive.toMillis() / 1000.0)
                        .build());
    }

    /** Starts a shell command in a session. */
    public void bash(byte[] command, Duration timeout) throws IOException {
        writer.json(
                FrameWriter.BASH,
                Json.createObjectBuilder()
                        .add("size", command.length)
                        .add("timeout_ms", timeout.toMillis())
                        .build());
        sendData("the command", command.length, new ByteArrayInputStream(command));
        writer.flush();
    }

    /** Gives a session {@code seconds} to live from now on. */
    public void keepAlive(long seconds) throws IOException {
        command(
                FrameWriter.KEEPALIVE,
                Json.createObjectBuilder().add("seconds", seconds).build());
        expectDone();
    }

    /**
     * Asks for the first {@code limit} files of a session's workspace whose paths are greater than {@code after}, in the order
     * of the bytes of their paths; {@link #next} gives files without data, skipped entries, DONE.
     */
    public void list(int limit, String after) throws IOException {
        command(
                FrameWriter.LIST,
                Json.createObjectBuilder()
                        .add("limit", limit)
                        .add("after", after)
                        .build());
        order.expectListing(limit, after);
    }

    /** Asks for one file of a session's workspace; {@link #next} gives it with its data and DONE, or a problem. */
    public void get(String path) throws IOException {
        command(FrameWriter.GET, Json.createObjectBuilder().add("path", path).build());
        order.expectFile();
    }

    /** Deletes one file of a session's workspace. */
    public void remove(String path) throws IOException {
        command(FrameWriter.REMOVE, Json.createObjectBuilder().add("path", path).build());
        expectDone();
    }

    /** Waits until a command that gives nothing is carried out. */
    public void expectDone() throws IOException {
        switch (reader.next()) {
            case Frame.Done done -> {}
            case Frame.Problem problem -> throw new RunnerProblemException(problem);
            case Frame other -> throw new RunnerProtocolException("expected DONE, got " + other.getClass());
        }
    }

    private void sendData(String what, long size, InputStream content) throws IOException {
        long sent = copy(FrameWriter.DATA, content, size);
        if (sent != size || content.read() >= 0) {
            throw new IOException("%s: %d bytes were announced".formatted(what, size));
        }
    }

    private void command(char type, JsonObject payload) throws IOException {
        writer.json(type, payload);
        writer.flush();
    }

    /** Blocks until the runner says something; a frame out of order or over a total is refused. */
    public Frame next() throws IOException {
        return order.checked(reader.next());
    }

    private long copy(char type, InputStream content, long most) throws IOException {
        // What has a known size comes in pieces that are all the largest, which a runner digests without a copy.
        long first = most == UNKNOWN ? FIRST_PIECE : FrameReader.MAX_PAYLOAD;
        byte[] buffer = FrameWriter.newBuffer((int) Math.min(first, most));
        long sent = 0;
        while (sent < most) {
            if (sent == FIRST_PIECE) {
                buffer = FrameWriter.newBuffer(FrameReader.MAX_PAYLOAD);
            }
            int wanted = (int) Math.min(buffer.length - FrameWriter.payloadOffset(), most - sent);
            int count = content.readNBytes(buffer, FrameWriter.payloadOffset(), wanted);
            if (count > 0) {
                writer.send(type, buffer, count);
            }
            sent += count;
            if (count < wanted) {
                break;
            }
        }
        return sent;
    }
}
