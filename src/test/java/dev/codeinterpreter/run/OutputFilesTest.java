package dev.codeinterpreter.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.files.FileBackend;
import dev.codeinterpreter.files.FileId;
import dev.codeinterpreter.files.FileStore;
import dev.codeinterpreter.files.FileStoreListener;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.files.Owner;
import dev.codeinterpreter.files.OwnerLimit;
import dev.codeinterpreter.files.StorageUnavailable;
import dev.codeinterpreter.files.StoredContent;
import dev.codeinterpreter.files.StoredFile;
import dev.codeinterpreter.runner.Frame;
import dev.codeinterpreter.schedule.Deadlines;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of a run, with a store that answers late. */
@Timeout(60)
class OutputFilesTest {
    private static final Duration LATE = Duration.ofMillis(300);
    private static final Duration SHORT = Duration.ofMillis(150);
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    Path directory;

    private final AtomicInteger cuts = new AtomicInteger();

    /** The time of the store is not that of the run's deadline. */
    @Test
    void keepsTheRunThatWaitsForTheStore() {
        OutputFiles files = collect(new LateStore(false), new RunTimings(LONG, LONG, SHORT, LONG, LONG), 2);
        assertThat(files.files()).hasSize(2);
        assertThat(files.skipped()).isEmpty();
        assertThat(cuts).hasValue(0);
    }

    @Test
    void leavesOutWhatComesWhenTheStoreHasHadItsTime() {
        LateStore store = new LateStore(false);
        OutputFiles files = collect(store, new RunTimings(LONG, LONG, LONG, LATE.dividedBy(2), LONG), 4);
        assertThat(files.files()).extracting(RunResult.OutputFile::path).containsExactly("0");
        assertThat(files.skipped())
                .extracting(RunResult.SkippedFile::reason)
                .hasSize(3)
                .containsOnly(Rejection.STORAGE_UNAVAILABLE.label());
        assertThat(store.commits).hasValue(1);
    }

    @Test
    void asksAStoreThatHasFailedNoMore() {
        LateStore store = new LateStore(true);
        OutputFiles files = collect(store, new RunTimings(LONG, LONG, LONG, LONG, LONG), 3);
        assertThat(files.files()).isEmpty();
        assertThat(files.skipped()).hasSize(3);
        assertThat(store.commits).hasValue(1);
    }

    /** A store that hangs ends the run some time. */
    @Test
    void cutsTheRunWhenOneCallTakesTooLong() {
        OutputFiles _ = collect(
                new LateStore(false), new RunTimings(LONG, LONG, Duration.ofMillis(5), LONG, Duration.ofMillis(5)), 1);
        assertThat(cuts).hasValue(1);
    }

    /** What gathers of a large file is sent while more of it comes, and not when it is about to be stored anyway. */
    @Test
    void sendsALargeFileInParts() {
        LateStore store = new LateStore(false);
        OutputFiles files = collect(store, new RunTimings(LONG, LONG, SHORT, LONG, LONG), 1, 4);
        assertThat(files.files()).hasSize(1);
        assertThat(store.parts).hasValue(3);
        assertThat(cuts).hasValue(0);
    }

    /** Each part is waited for without the run's deadline: in sum there is an end to that in the middle of a file, too. */
    @Test
    void leavesOutAFileInWhoseMiddleTheStoreHasHadItsTime() {
        LateStore store = new LateStore(false);
        OutputFiles files = collect(store, new RunTimings(LONG, LONG, LONG, LATE.dividedBy(2), LONG), 2, 1000);
        assertThat(files.files()).isEmpty();
        assertThat(files.skipped())
                .extracting(RunResult.SkippedFile::reason)
                .hasSize(2)
                .containsOnly(Rejection.STORAGE_UNAVAILABLE.label());
        assertThat(store.parts).hasValue(1);
        assertThat(store.discards).hasValue(1);
    }

    private OutputFiles collect(FileBackend backend, RunTimings timings, int count) {
        return collect(backend, timings, count, 1);
    }

    /** @param frames of one byte, in each file */
    private OutputFiles collect(FileBackend backend, RunTimings timings, int count, int frames) {
        FilesConfig config = new FilesConfig(directory, 1 << 20, LONG, 1 << 20);
        try (FileStore store = new FileStore(config, Clock.systemUTC(), backend, FileStoreListener.NONE);
                Deadlines.Deadline deadline = new Deadlines().start(timings.collection(), cuts::incrementAndGet);
                OutputFiles files = new OutputFiles(
                        store,
                        new OwnerLimit(Owner.DEFAULT, OptionalLong.empty()),
                        new StoreWaits(deadline, timings))) {
            for (int i = 0; i < count; i++) {
                files.start(new Frame.FileStart(String.valueOf(i), frames));
                for (int frame = 0; frame < frames; frame++) {
                    files.append(new Frame.Data(new byte[1]));
                }
            }
            files.keep();
            return files;
        }
    }

    /** Takes its time for each file and each part, of which every write is one. */
    private static final class LateStore implements FileBackend {
        private final boolean fails;
        private final AtomicInteger commits = new AtomicInteger();
        private final AtomicInteger parts = new AtomicInteger();
        private final AtomicInteger discards = new AtomicInteger();

        LateStore(boolean fails) {
            this.fails = fails;
        }

        @Override
        public Upload create(Owner owner, String name) {
            return new Upload() {
                @Override
                public void write(byte[] bytes, int offset, int length) {}

                @Override
                public boolean hasPart() {
                    return true;
                }

                @Override
                public void sendPart() {
                    parts.incrementAndGet();
                    beLate();
                }

                @Override
                public StoredFile commit() {
                    commits.incrementAndGet();
                    beLate();
                    if (fails) {
                        throw StorageUnavailable.because(new IOException("silence"));
                    }
                    return new StoredFile(FileId.random(), owner, name, 1, Instant.now());
                }

                @Override
                public void discard() {
                    discards.incrementAndGet();
                }
            };
        }

        private static void beLate() {
            long end = System.nanoTime() + LATE.toNanos();
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }

        @Override
        public Optional<StoredFile> find(Owner owner, FileId id) {
            return Optional.empty();
        }

        @Override
        public Optional<StoredContent> open(Owner owner, FileId id) {
            return Optional.empty();
        }

        @Override
        public boolean delete(Owner owner, FileId id) {
            return false;
        }

        @Override
        public Iterator<StoredFile> list(Owner owner, Optional<StoredFile> after) {
            return List.<StoredFile>of().iterator();
        }

        @Override
        public int reap(Instant until) {
            return 0;
        }

        @Override
        public Usage usage() {
            return new Usage(0, 0);
        }

        @Override
        public Usage usage(Owner owner) {
            return usage();
        }

        @Override
        public void close() {}
    }
}
