package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a sandbox is sent of the runner, after what others have told. */
class RunnerCodeTest {
    private final RunnerCode code = new RunnerCode("text".getBytes(UTF_8));

    @Test
    void sendsTheTextAloneAtFirst() throws IOException {
        assertSent("");
    }

    @Test
    void sendsWhatASandboxHasToldInPieces() throws IOException {
        assertThat(code.learn(frames("Mcom", "Mpiled", "N"))).isInstanceOf(Frame.Pong.class);
        assertSent("compiled");
    }

    @Test
    void keepsWhatItKnowsWhenASandboxTellsNothing() throws IOException {
        code.learn(frames("Mcompiled", "N"));
        code.learn(frames("N"));
        assertSent("compiled");
    }

    @Test
    void forgetsWhatASandboxCouldNotStartFrom() throws IOException {
        code.learn(frames("Mcompiled", "N"));
        assertThatThrownBy(() -> code.learn(frames())).isInstanceOf(EOFException.class);
        assertSent("");
    }

    @Test
    void takesNoMoreThanItsBound() throws IOException {
        String[] pieces = new String[17];
        Arrays.fill(pieces, "M" + "x".repeat(FrameReader.MAX_PAYLOAD));
        assertThatThrownBy(() -> code.learn(frames(pieces)))
                .isInstanceOf(RunnerProtocolException.class)
                .hasMessageContaining("1048576 bytes");
        assertSent("");
    }

    private void assertSent(String compiled) throws IOException {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(sent);
        code.send(writer);
        writer.flush();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(sent.toByteArray()));
        assertThat(in.readNBytes(in.readInt())).asString(UTF_8).isEqualTo(compiled);
        assertThat(in.readNBytes(in.readInt())).asString(UTF_8).isEqualTo("text");
        assertThat(in.read()).isEqualTo(-1);
    }

    /** Each is a type and its payload. */
    private static FrameReader frames(String... frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (String frame : frames) {
            out.writeByte(frame.charAt(0));
            out.writeInt(frame.length() - 1);
            out.writeBytes(frame.substring(1));
        }
        return new FrameReader(new ByteArrayInputStream(bytes.toByteArray()));
    }
}
