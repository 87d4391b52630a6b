package dev.codeinterpreter.fake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** One fake sandbox: a virtual thread with two pipes. */
public final class FakeSandbox implements Sandbox {
    private static final String READY = "{\"protocol\":1}";
    private static final String NO_LIBRARIES = "{\"libraries\":\"none\"}";
    static final String LIBRARIES =
            "{\"libraries\":\"ready\",\"missing\":[\"nothing_like_it\"],\"memory_bytes\":50000000}";
    static final String FAILED = "{\"libraries\":\"failed\"}";
    static final String IMPORTING = "{\"libraries\":\"importing\"}";
    private static final String EXIT =
            "{\"exit_code\":0,\"signal\":null,\"timed_out\":false,\"oom\":false,\"cpu\":false,\"duration_ms\":1,\"cpu_ms\":1,"
                    + "\"peak_memory_bytes\":1,\"stdout_truncated\":false,\"stderr_truncated\":false,\"state_lost\":false}";

    /** How long a program takes; only in a service of its own that a test starts. */
    private static final Duration RUN =
            Duration.ofMillis(Long.parseLong(Objects.requireNonNullElse(System.getenv("FAKE_RUN_MS"), "0")));

    private final SandboxSpec spec;
    private final Supplier<String> endOfImport;
    private final Runnable whenClosed;
    private volatile String imports = "";
    private final BlockingPipe toRunner = new BlockingPipe();
    private final BlockingPipe fromRunner = new BlockingPipe();

    FakeSandbox(SandboxSpec spec, Supplier<String> endOfImport, Runnable whenClosed) {
        this.spec = spec;
        this.endOfImport = endOfImport;
        this.whenClosed = whenClosed;
    }

    public SandboxSpec spec() {
        return spec;
    }

    /** The request to import libraries, as the runner got it. */
    public String imports() {
        return imports;
    }

    /** Dies as a container does that the engine has killed. */
    public void die() {
        toRunner.close();
        fromRunner.close();
    }

    void start() {
        Thread.ofVirtual().name("fake-runner-" + spec.id()).start(() -> {
            try (DataInputStream in = new DataInputStream(toRunner.source());
                    DataOutputStream out = new DataOutputStream(fromRunner.sink())) {
                in.skipNBytes(in.readInt());
                for (int modules = in.readInt(); modules > 0; modules--) {
                    in.skipNBytes(in.readInt());
                    in.skipNBytes(in.readInt());
                }
                serve(in, out);
            } catch (IOException e) {
                // It was closed: that is how it ends.
                fromRunner.close();
            }
        });
    }

    private void serve(DataInputStream in, DataOutputStream out) throws IOException {
        String libraries = NO_LIBRARIES;
        while (true) {
            char type = (char) in.readByte();
            byte[] payload = new byte[in.readInt()];
            in.readFully(payload);
            switch (type) {
                case 'C' -> send(out, 'Y', READY);
                case 'N' -> send(out, 'N', libraries);
                case 'J' -> {
                    imports = new String(payload, UTF_8);
                    libraries = endOfImport.get();
                }
                case 'L' -> send(out, 'Z', "");
                case 'R' -> {
                    send(out, 'B', "");
                    LockSupport.parkNanos(RUN.toNanos());
                    send(out, 'O', "hi\n");
                    send(out, 'T', EXIT);
                    send(out, 'Z', "");
                }
                default -> {}
            }
        }
    }

    private static void send(DataOutputStream out, char type, String payload) throws IOException {
        byte[] bytes = payload.getBytes(UTF_8);
        out.writeByte(type);
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
    }

    @Override
    public SandboxId id() {
        return spec.id();
    }

    @Override
    public SandboxChannel channel() {
        return new SandboxChannel() {
            @Override
            public InputStream input() {
                return fromRunner.source();
            }

            @Override
            public OutputStream output() {
                return toRunner.sink();
            }

            @Override
            public String diagnostics() {
                return "";
            }

            @Override
            public void close() {
                die();
            }
        };
    }

    @Override
    public void close() {
        die();
        whenClosed.run();
    }
}
