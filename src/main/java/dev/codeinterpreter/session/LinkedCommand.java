package dev.codeinterpreter.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.run.Command;
import dev.codeinterpreter.run.RunRequest;
import dev.codeinterpreter.runner.RunnerChannel;
import dev.codeinterpreter.sandbox.SandboxChannel;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A command over a link to a session's runner, which is held for the next one when this one has been sent to its end. */
abstract sealed class LinkedCommand implements Command {
    private final SessionLink link;
    private final Duration timeout;
    private volatile boolean sent;

    private LinkedCommand(SessionLink link, Duration timeout) {
        this.link = link;
        this.timeout = timeout;
    }

    @Override
    public final Duration timeout() {
        return timeout;
    }

    @Override
    public final RunnerChannel open(SandboxChannel channel) throws IOException {
        return link.join();
    }

    @Override
    public final void start(RunnerChannel channel) throws IOException {
        send(channel);
        sent = true;
    }

    abstract void send(RunnerChannel channel) throws IOException;

    /** To be called when the answer is whole. A program may have left its input unread: that is still on its way then. */
    final void hold() {
        if (sent) {
            link.hold();
        }
    }

    /** A line for a fresh {@code bash -c} in a session. */
    static final class Bash extends LinkedCommand {
        private final String line;

        Bash(String line, Duration timeout, SessionLink link) {
            super(link, timeout);
            this.line = line;
        }

        @Override
        public void prepare(RunnerChannel channel) {
            // The line travels with the start.
        }

        @Override
        void send(RunnerChannel channel) throws IOException {
            channel.bash(line.getBytes(UTF_8), timeout());
        }
    }

    /** Code for a session's one interpreter. */
    static final class Python extends LinkedCommand {
        private final RunRequest request;

        Python(RunRequest request, SessionLink link) {
            super(link, request.timeout());
            this.request = request;
        }

        @Override
        public void prepare(RunnerChannel channel) throws IOException {
            try (InputStream code = request.code().open()) {
                channel.sessionCode(request.code().utf8Length(), code);
            }
        }

        @Override
        void send(RunnerChannel channel) throws IOException {
            try (InputStream stdin = request.openStdin()) {
                channel.run(request.timeout(), request.lastLineInteractive(), request.results(), stdin);
            }
        }
    }
}
