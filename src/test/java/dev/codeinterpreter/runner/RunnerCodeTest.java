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
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a sandbox is sent of the runner, after what others have reported. */
class RunnerCodeTest {
    private final RunnerCode code = new RunnerCode(List.of(
            new RunnerCode.Module("package.first", "text".getBytes(UTF_8)),
            new RunnerCode.Module("package.main", "é".getBytes(UTF_8))));

    @Test
    void sendsTheSourcesAloneAtFirst() throws IOException {
        assertSent("");
    }

    @Test
    void sendsWhatASandboxHasReportedInPieces() throws IOException {
        assertThat(code.cacheCompiled(frames("Mcom", "Mpiled", "Z"))).isInstanceOf(Frame.Done.class);
        assertSent("compiled");
    }

    @Test
    void keepsWhatItKnowsWhenASandboxReportsNothing() throws IOException {
        code.cacheCompiled(frames("Mcompiled", "Z"));
        code.cacheCompiled(frames("Z"));
        assertSent("compiled");
    }

    @Test
    void forgetsWhatASandboxCouldNotStartFrom() throws IOException {
        code.cacheCompiled(frames("Mcompiled", "Z"));
        assertThatThrownBy(() -> code.cacheCompiled(frames())).isInstanceOf(EOFException.class);
        assertSent("");
    }

    @Test
    void takesNoMoreThanItsBound() throws IOException {
        String[] pieces = new String[17];
        Arrays.fill(pieces, "M" + "x".repeat(FrameReader.MAX_PAYLOAD));
        assertThatThrownBy(() -> code.cacheCompiled(frames(pieces)))
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
        assertThat(block(in)).isEqualTo(compiled);
        assertThat(in.readInt()).isEqualTo(2);
        assertThat(List.of(block(in), block(in), block(in), block(in)))
                .containsExactly("package.first", "text", "package.main", "é");
        assertThat(in.read()).isEqualTo(-1);
    }

    private static String block(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), UTF_8);
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
