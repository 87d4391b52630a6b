package dev.codeinterpreter.inventory;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.tenant.Caller;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what an image said until the image is another one. It is asked when a client first wants to know, once for all who
 * want to know meanwhile; so however many clients there are, they cost one sandbox at a time, and the engine a question
 * every few seconds.
 */
@SingleInstance
class Inventory {
    private static final Timings TIMINGS =
            new Timings(Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(20));

    /**
     * @param imageHolds how long an image is taken for the current one without asking the engine
     * @param failureHolds how long a failure is the answer: a client that asks again at once launches no sandbox each time
     * @param maxWait of those who come while a sandbox is being asked: longer than that usually takes, and shorter than most
     *     clients wait
     */
    record Timings(Duration imageHolds, Duration failureHolds, Duration maxWait) {}

    private final Supplier<String> revision;
    private final Supplier<byte[]> question;
    private final Timings timings;
    private final ReentrantLock asking = new ReentrantLock();

    private volatile @Nullable Answer last;

    /** @param failure instead of a description */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares two
    private record Answer(
            String revision, byte[] description, @Nullable ServiceException failure, long since) {
        byte[] get() {
            if (failure != null) {
                throw failure;
            }
            return description;
        }
    }

    @Inject
    Inventory(Launcher launcher, ImageQuestion question) {
        // For all tenants, and so at the expense of none.
        this(launcher::revision, () -> Caller.serviceFor(Caller.DEFAULT_TENANT).get(question::ask), TIMINGS);
    }

    /**
     * @param revision of the image that a launch would use now, empty when the engine does not say
     * @param question asks a new sandbox for the description
     */
    Inventory(Supplier<String> revision, Supplier<byte[]> question, Timings timings) {
        this.revision = revision;
        this.question = question;
        this.timings = timings;
    }

    /**
     * A JSON object in UTF-8, which the caller does not change.
     *
     * @throws ServiceException CAPACITY_UNAVAILABLE when no sandbox can be had to ask, or it gives no answer
     */
    byte[] current() {
        Answer known = last;
        if (known != null && holds(known)) {
            return known.get();
        }
        if (!lock()) {
            throw ServiceException.capacity(
                    Rejection.NOT_READY, "a sandbox is being asked and has not answered yet.", null);
        }
        try {
            Answer answer = renewed();
            last = answer;
            return answer.get();
        } finally {
            asking.unlock();
        }
    }

    private boolean holds(Answer answer) {
        Duration time = answer.failure() == null ? timings.imageHolds() : timings.failureHolds();
        return System.nanoTime() - answer.since() < time.toNanos();
    }

    private boolean lock() {
        try {
            return asking.tryLock(timings.maxWait().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Answer renewed() {
        Answer known = last;
        if (known != null && holds(known)) {
            return known;
        }
        String now = revision.get();
        if (known != null && known.failure() == null && (now.isEmpty() || now.equals(known.revision()))) {
            return new Answer(known.revision(), known.description(), null, System.nanoTime());
        }
        try {
            byte[] description = question.get();
            // Of an image that was replaced meanwhile it is not known which of the two has answered.
            String asked = now.equals(revision.get()) ? now : "";
            return new Answer(asked, description, null, System.nanoTime());
        } catch (ServiceException e) {
            return new Answer(now, new byte[0], e, System.nanoTime());
        }
    }
}
