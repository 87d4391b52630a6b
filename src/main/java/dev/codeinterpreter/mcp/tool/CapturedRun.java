package dev.codeinterpreter.mcp.tool;

import dev.codeinterpreter.answer.KeptStream;
import dev.codeinterpreter.answer.Utf8Decoder;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.NewFile;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.run.OutputSink;
import dev.codeinterpreter.spool.Spool;
import dev.codeinterpreter.spool.SpoolDirectory;
import dev.codeinterpreter.tenant.RequestNotes;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** The output of a run, kept until its result is made of it; the runner has bounded it already. */
final class CapturedRun implements OutputSink, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(CapturedRun.class.getName());

    private static final int PIECE = 8 * 1024;

    private final KeptStream stdout;
    private final KeptStream stderr;
    private final Consumer<byte[]> listener;
    private boolean started;

    CapturedRun(SpoolDirectory spool, Consumer<byte[]> listener) {
        this.stdout = new KeptStream(spool.overflow());
        this.stderr = new KeptStream(spool.overflow());
        this.listener = listener;
    }

    @Override
    public void started() {
        started = true;
    }

    @Override
    public void stdout(byte[] bytes) {
        stdout.write(bytes);
        listener.accept(bytes);
    }

    @Override
    public void stderr(byte[] bytes) {
        stderr.write(bytes);
        listener.accept(bytes);
    }

    @Override
    public boolean isStdoutCut() {
        return stdout.isCut();
    }

    @Override
    public boolean isStderrCut() {
        return stderr.isCut();
    }

    /** Whether the program has begun. */
    boolean hasStarted() {
        return started;
    }

    HeadAndTail readStdout(int limit, boolean truncated) {
        return read(stdout, limit, truncated);
    }

    HeadAndTail readStderr(int limit, boolean truncated) {
        return read(stderr, limit, truncated);
    }

    /** All of it as a stored file, or nothing when there is no room. */
    Optional<StoredFile> storeStdout(FileStore store) {
        return store(stdout, "stdout.txt", store);
    }

    Optional<StoredFile> storeStderr(FileStore store) {
        return store(stderr, "stderr.txt", store);
    }

    @Override
    public void close() {
        stdout.close();
        stderr.close();
    }

    private static HeadAndTail read(KeptStream output, int limit, boolean truncated) {
        HeadAndTail text = new HeadAndTail(limit);
        Utf8Decoder decoder = new Utf8Decoder();
        byte[] piece = new byte[PIECE];
        try (InputStream in = output.open()) {
            int count = in.readNBytes(piece, 0, PIECE);
            while (count > 0) {
                text.append(decoder.decode(Arrays.copyOf(piece, count)));
                count = in.readNBytes(piece, 0, PIECE);
            }
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
        text.append(decoder.end());
        if (truncated) {
            text.append(KeptStream.MARKER);
        }
        return text;
    }

    private static Optional<StoredFile> store(KeptStream output, String name, FileStore store) {
        try (InputStream in = output.open();
                NewFile file = store.create(OwnerLimit.ofCaller(), name)) {
            in.transferTo(file);
            StoredFile stored = file.commit();
            RequestNotes.current().file(stored.id().toString());
            return Optional.of(stored);
        } catch (ServiceException e) {
            LOG.log(System.Logger.Level.WARNING, "a whole output is not stored: {0}", e.getMessage());
            return Optional.empty();
        } catch (IOException e) {
            throw Spool.unreadable(e);
        }
    }
}
