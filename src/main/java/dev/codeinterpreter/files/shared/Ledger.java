package dev.codeinterpreter.files.shared;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.storage.PrivateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What all processes have stored together.
 *
 * <p>Theory of operation: a file that says how many files and bytes each owner has, and a lock on it (fcntl, which holds on
 * NFS and is free when its process or host is dead) under which files come and go. A change marks it dirty first and clean
 * with the new sums at last, so that who finds it dirty knows that another died in between, and counts anew.
 */
final class Ledger implements AutoCloseable {
    /** Files of all owners are counted with the lock held: a second or two for a hundred thousand on a disk. */
    private static final Duration RECOUNT_PERIOD = Duration.ofHours(1);

    private static final long POLL_NANOS = Duration.ofMillis(2).toNanos();
    private static final int MAX_BYTES = 16 << 20;
    private static final String DIRTY = "dirty\n";

    private final FileChannel channel;
    private final Counter counter;
    private final Duration timeout;
    /** The file's lock is the whole process's. */
    private final ReentrantLock own = new ReentrantLock();

    private volatile Sums last = Sums.NONE;
    private long countedNanos = System.nanoTime();

    /** Counts what is there. */
    @FunctionalInterface
    interface Counter {
        Sums count() throws IOException;
    }

    /** What is done with the lock held. */
    @FunctionalInterface
    interface Change {
        /** @return the sums from now on */
        Sums apply(Sums before) throws IOException;
    }

    /** Takes back what a change has done. */
    @FunctionalInterface
    interface Undo {
        void run() throws IOException;
    }

    /** @param timeout for the lock: another process may hang with it */
    Ledger(Path path, Counter counter, Duration timeout) throws IOException {
        this.channel = FileChannel.open(
                path,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PrivateDirectory.FILE_MODE);
        this.counter = counter;
        this.timeout = timeout;
    }

    /** The sums when they were last read. */
    Sums last() {
        return last;
    }

    /** Reads the sums, and counts anew where that is due. */
    Sums refresh() throws IOException {
        return locked(() -> {
            boolean due = System.nanoTime() - countedNanos > RECOUNT_PERIOD.toNanos();
            return due ? recount() : current();
        });
    }

    /**
     * Does {@code change} while no other process changes anything.
     *
     * @throws ServiceException of the change, which has not changed anything then
     * @throws IOException also of the change, of which nothing is known then: all is counted by the next
     */
    void change(Change change) throws IOException {
        change(change, () -> {});
    }

    /**
     * The same, and of a change that ends with an IOException, its own or that of the sums, nothing is left.
     *
     * @param undo is done with the lock held
     */
    void change(Change change, Undo undo) throws IOException {
        Sums _ = locked(() -> {
            Sums before = current();
            write(DIRTY);
            try {
                Sums after = change.apply(before);
                write(after.text());
                return after;
            } catch (ServiceException e) {
                write(before.text());
                throw e;
            } catch (IOException e) {
                try {
                    undo.run();
                } catch (IOException failure) {
                    e.addSuppressed(failure);
                }
                throw e;
            }
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private Sums locked(Counter action) throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            if (!own.tryLock(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the ledger is locked by this process for more than " + timeout);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        try (FileLock _ = lock(end)) {
            last = action.count();
            return last;
        } finally {
            own.unlock();
        }
    }

    private FileLock lock(long end) throws IOException {
        while (true) {
            FileLock lock = tryLock();
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - end > 0) {
                throw new IOException("the ledger is locked by another process for more than " + timeout);
            }
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(POLL_NANOS / 2, 2 * POLL_NANOS));
        }
    }

    private @Nullable FileLock tryLock() throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another store of this very process.
            return null;
        }
    }

    private Sums current() throws IOException {
        long size = channel.size();
        ByteBuffer text = ByteBuffer.allocate((int) Math.min(size, MAX_BYTES));
        while (text.hasRemaining() && channel.read(text, text.position()) >= 0) {}
        Sums read = Sums.parse(new String(text.array(), 0, text.position(), UTF_8));
        return read == null ? recount() : read;
    }

    private Sums recount() throws IOException {
        Sums counted = counter.count();
        write(counted.text());
        countedNanos = System.nanoTime();
        return counted;
    }

    private void write(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
        int length = bytes.remaining();
        while (bytes.hasRemaining()) {
            int _ = channel.write(bytes, bytes.position());
        }
        if (channel.size() > length) {
            channel.truncate(length);
        }
    }
}
