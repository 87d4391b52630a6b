package dev.codeinterpreter.runner;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * The conversation with one runner.
 *
 * <p>Theory of operation: {@link #open} sends the runner and its configuration and waits for READY. Then {@link #stage} any
 * number of files, {@link #run} once, and {@link #next} until DONE, while another thread may feed the program's input with
 * {@link #stdin}: the program may print before it has read. Nothing here waits with a deadline of its own; whoever owns the
 * sandbox closes it when time is up, and the blocked call fails. Frames come in an order that {@link FrameOrder} enforces.
 */
public final class RunnerChannel {
    static final int PROTOCOL = 1;

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
        writer.script(RunnerScript.text());
        writer.json(FrameWriter.CONFIG, config.toJson());
        writer.flush();
        FrameReader reader = new FrameReader(channel.input());
        return switch (reader.next()) {
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

    /** Puts a file of exactly {@code size} bytes into the workspace. */
    public void stage(String path, long size, InputStream content) throws IOException {
        writer.json(
                FrameWriter.FILE,
                Json.createObjectBuilder().add("path", path).add("size", size).build());
        long sent = copy(FrameWriter.DATA, content, size);
        if (sent != size || content.read() >= 0) {
            throw new IOException("%s: %d bytes were announced".formatted(path, size));
        }
    }

    /** Starts the program staged as {@code __main__.py}; it is killed {@code timeout} after its start. */
    public void run(Duration timeout, boolean lastLineInteractive) throws IOException {
        writer.json(
                FrameWriter.RUN,
                Json.createObjectBuilder()
                        .add("timeout_ms", timeout.toMillis())
                        .add("last_line_interactive", lastLineInteractive)
                        .build());
        writer.flush();
    }

    /** Sends all of {@code content} as the program's input, then its end. Blocks while the program does not read. */
    public void stdin(InputStream content) throws IOException {
        copy(FrameWriter.STDIN, content, Long.MAX_VALUE);
        writer.empty(FrameWriter.STDIN_EOF);
        writer.flush();
    }

    /** Blocks until the runner says something; a frame out of order or over a total is refused. */
    public Frame next() throws IOException {
        return order.checked(reader.next());
    }

    private long copy(char type, InputStream content, long most) throws IOException {
        byte[] buffer = FrameWriter.newBuffer();
        long sent = 0;
        while (sent < most) {
            int wanted = (int) Math.min(FrameReader.MAX_PAYLOAD, most - sent);
            int count = content.readNBytes(buffer, FrameWriter.payloadOffset(), wanted);
            if (count == 0) {
                break;
            }
            writer.send(type, buffer, count);
            sent += count;
        }
        writer.flush();
        return sent;
    }
}
