package dev.codeinterpreter.runner;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The runner as a sandbox gets it: its modules' sources, and what an interpreter made of them. To compile them takes an
 * interpreter 17 ms of a processor, a tenth of all that a cold run costs; to load what was compiled, less than one.
 *
 * <p>Theory of operation: the first sandbox compiles the sources and reports the result, before any program is there that
 * could have a hand in it. The next ones get both, and compile the sources when they are of another version. Version and
 * format are those of Python's own .pyc files.
 */
final class RunnerCode {
    /** What is compiled; today a tenth. */
    private static final int MAX_BYTES = 1 << 20;

    private static final byte[] NONE = {};

    /**
     * @param name as Python imports it
     * @param source in UTF-8; never changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Module(String name, byte[] source) {}

    private final List<Module> modules;
    private volatile byte[] preamble;

    /** {@code modules} in the order of their dependencies: each imports from earlier ones only; the last one is called. */
    RunnerCode(List<Module> modules) {
        this.modules = List.copyOf(modules);
        this.preamble = preamble(NONE);
    }

    /** What a sandbox reads before the first frame: the compiled code, the number of modules, the name and source of each. */
    void send(FrameWriter writer) throws IOException {
        writer.preamble(preamble);
    }

    /**
     * Keeps the compiled code that a new sandbox reports before it is ready, if it does.
     *
     * @return the frame after it
     */
    Frame cacheCompiled(FrameReader reader) throws IOException {
        ByteArrayOutputStream compiled = new ByteArrayOutputStream();
        try {
            Frame frame = reader.next();
            while (frame instanceof Frame.Compiled piece) {
                compiled.writeBytes(piece.bytes());
                if (compiled.size() > MAX_BYTES) {
                    throw new RunnerProtocolException("compiled code of more than %d bytes".formatted(MAX_BYTES));
                }
                frame = reader.next();
            }
            if (compiled.size() > 0) {
                preamble = preamble(compiled.toByteArray());
            }
            return frame;
        } catch (IOException e) {
            // Should what we sent be the reason, then the next one does without.
            preamble = preamble(NONE);
            throw e;
        }
    }

    private byte[] preamble(byte[] compiled) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        try {
            writeBlock(out, compiled);
            out.writeInt(modules.size());
            for (Module module : modules) {
                writeBlock(out, module.name().getBytes(UTF_8));
                writeBlock(out, module.source());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // not of a stream into memory
        }
        return bytes.toByteArray();
    }

    private static void writeBlock(DataOutputStream out, byte[] block) throws IOException {
        out.writeInt(block.length);
        out.write(block);
    }
}
