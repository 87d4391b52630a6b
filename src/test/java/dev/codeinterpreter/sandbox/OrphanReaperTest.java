package dev.codeinterpreter.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OrphanReaperTest {
    private static final Duration PERIOD = Duration.ofMillis(5);
    /** Long enough to do something between two scans. */
    private static final Duration LONG_PERIOD = Duration.ofMillis(300);

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final Set<String> over = ConcurrentHashMap.newKeySet();
    private final Queue<String> removed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger scans = new AtomicInteger();
    private volatile boolean down;
    /** The number of the scan that fails. */
    private volatile int failing;

    private volatile int scanOfRemoval;

    private OrphanReaper reaper() {
        return new OrphanReaper("test", PERIOD, PERIOD, this::list, this::remove);
    }

    private Set<String> list() throws BackendException {
        int scan = scans.incrementAndGet();
        if (down || scan == failing) {
            throw BackendException.unreachable("it is down", null);
        }
        return Set.copyOf(over);
    }

    private boolean remove(String name) {
        if (down) {
            return false;
        }
        over.remove(name);
        scanOfRemoval = scans.get();
        removed.add(name);
        return true;
    }

    private void awaitScans(int count) {
        int enough = scans.get() + count;
        Await.until(count + " scans", BOUND, () -> scans.get() >= enough);
    }

    @Test
    void removesWhatIsOverInTwoScans() {
        over.add("left");
        try (OrphanReaper _ = reaper()) {
            Await.until("its removal", BOUND, () -> removed.contains("left"));
            awaitScans(3);
        }
        assertThat(removed).containsOnlyOnce("left");
    }

    @Test
    void leavesWhatItsOwnerRemovesAfterOneScan() {
        over.add("young");
        try (OrphanReaper _ = new OrphanReaper("test", PERIOD, PERIOD, this::listOnce, this::remove)) {
            awaitScans(3);
        }
        assertThat(removed).isEmpty();
    }

    private Set<String> listOnce() throws BackendException {
        Set<String> found = list();
        over.clear();
        return found;
    }

    @Test
    void triesAgainUntilARemovalIsConfirmed() {
        SandboxId id = SandboxId.random();
        down = true;
        try (OrphanReaper reaper = reaper()) {
            reaper.add(id);
            awaitScans(3);
            assertThat(removed).isEmpty();
            down = false;
            Await.until("its removal", BOUND, () -> removed.contains(id.value()));
            awaitScans(3);
        }
        assertThat(removed).containsOnlyOnce(id.value());
    }

    @Test
    void keepsNoMoreThanItMay() {
        Set<String> asked = ConcurrentHashMap.newKeySet();
        try (OrphanReaper reaper = new OrphanReaper("test", PERIOD, PERIOD, Set::of, name -> {
            asked.add(name);
            return false;
        })) {
            for (int i = 0; i < OrphanReaper.MAX_UNCONFIRMED + 100; i++) {
                reaper.add(SandboxId.random());
            }
            Await.until("all that it keeps", BOUND, () -> asked.size() >= OrphanReaper.MAX_UNCONFIRMED);
        }
        assertThat(asked).hasSize(OrphanReaper.MAX_UNCONFIRMED);
    }

    @Test
    void remembersAcrossAScanThatFails() {
        over.add("left");
        failing = 2;
        try (OrphanReaper _ = new OrphanReaper("test", PERIOD, LONG_PERIOD, this::list, this::remove)) {
            Await.until("its removal", BOUND, () -> removed.contains("left"));
        }
        assertThat(scanOfRemoval).isEqualTo(3);
    }
}
