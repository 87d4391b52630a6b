package dev.codeinterpreter.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.error.ErrorCode;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.files.MovableClock;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.tenant.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every place does in which replicas leave their counts, and what they make of it. */
@Timeout(120)
public abstract class UsageStoreContract {
    private static final Duration NEVER = Duration.ofDays(1);
    /** Nothing by itself: what is asked for is looked for each time. */
    private static final UsageTimings TIMINGS = new UsageTimings(
            NEVER, Duration.ZERO, Duration.ofSeconds(30), Duration.ofMinutes(1), Duration.ZERO, Duration.ofSeconds(30));

    private static final String LAST = "~";

    private final MovableClock clock = new MovableClock();
    private final List<UsageStore> opened = new ArrayList<>();

    /** One more user of the place of this test. */
    protected abstract UsageStore newStore();

    /** A replica in its place. */
    private final class Replica {
        final Usage usage = new Usage(clock);
        final UsageExchange exchange;

        Replica(UsageStore store, UsageTimings timings) {
            exchange = new UsageExchange(usage, Optional::empty, timings);
            exchange.start(store);
        }

        void run(String tenant) {
            Caller.serviceFor(tenant).run(() -> usage.run(HourObjectTest.EXIT));
        }

        UsageResponse report(String tenant) {
            return exchange.report(tenant, Optional.empty(), clock.instant().plusSeconds(1));
        }

        long runs(String tenant) {
            UsageResponse report = report(tenant);
            assertThat(report.of()).isEqualTo("replicas");
            return report.runs().getOrDefault("exited", -1L);
        }

        void stop() {
            exchange.stop("the end");
        }
    }

    private UsageStore open() {
        UsageStore store = newStore();
        opened.add(store);
        return store;
    }

    private Replica replica() {
        return new Replica(open(), TIMINGS);
    }

    @AfterEach
    void close() {
        opened.forEach(UsageStore::close);
    }

    @Test
    void keepsObjectsByTheirNames() {
        UsageStore store = open();
        assertThat(store.list("", LAST)).isEmpty();
        assertThat(store.read("b")).isEmpty();
        store.write("b", bytes("first"));
        store.write("c", bytes("x"));
        store.write("a", bytes("y"));
        UsageStore.Entry before = store.list("a", "c").getFirst();
        store.write("b", bytes("later"));

        assertThat(open().list("", LAST)).extracting(UsageStore.Entry::name).containsExactly("a", "b", "c");
        assertThat(store.list("a", "c")).singleElement().satisfies(entry -> {
            assertThat(entry.size()).isEqualTo(5);
            assertThat(entry.version()).isNotEqualTo(before.version());
        });
        assertThat(open().read("b"))
                .hasValueSatisfying(content -> assertThat(content).isEqualTo(bytes("later")));
        store.delete(List.of("a", "b", "never there"));
        assertThat(store.list("", LAST)).extracting(UsageStore.Entry::name).containsExactly("c");
    }

    @Test
    void isTheSumOfAllReplicasAndOutlivesEach() {
        Replica first = replica();
        Replica second = replica();
        first.run("acme");
        second.run("acme");
        second.run("acme");
        second.run("other");
        assertThat(first.runs("acme")).as("before the others have written").isEqualTo(1);
        second.stop();
        assertThat(first.runs("acme")).isEqualTo(3);
        assertThat(first.runs("nobody")).isZero();
        assertThat(first.report("acme").cpuMillis()).isEqualTo(30);
        assertThat(first.report("acme").peakMemoryBytes()).isEqualTo(1000);

        clock.advance(Duration.ofHours(1));
        first.run("acme");
        first.stop();
        Replica successor = replica();
        assertThat(successor.runs("acme")).isEqualTo(4);
        successor.run("acme");
        assertThat(successor.runs("acme")).as("with its own").isEqualTo(5);
        successor.stop();
        assertThat(replica().runs("acme")).isEqualTo(5);
    }

    @Test
    void isOfTheHoursThatWereAskedFor() {
        Replica replica = replica();
        Instant begin = clock.instant();
        replica.run("acme");
        clock.advance(Duration.ofHours(2));
        replica.run("acme");
        replica.run("acme");
        replica.stop();
        Replica other = replica();
        UsageResponse early = other.exchange.report("acme", Optional.of(begin), begin.plusSeconds(3600));
        assertThat(early.runs()).containsEntry("exited", 1L);
        assertThat(early.since()).isEqualTo(HourName.begin(HourName.hourOf(begin)));
        UsageResponse late = other.exchange.report("acme", Optional.of(begin.plusSeconds(3600)), clock.instant());
        assertThat(late.runs()).containsEntry("exited", 2L);
        UsageResponse none = other.exchange.report("acme", Optional.of(clock.instant()), clock.instant());
        assertThat(none.runs()).containsEntry("exited", 2L);
        UsageResponse past = other.exchange.report("acme", Optional.of(Instant.EPOCH), Instant.EPOCH.plusSeconds(1000));
        assertThat(past.runs()).containsEntry("exited", 0L);
        assertThat(past.since()).isEqualTo(HourName.begin(HourName.hourOf(clock.instant()) - Usage.KEPT_HOURS));
    }

    @Test
    void forgetsAfterAMonth() {
        Replica reader = replica();
        Replica replica = replica();
        replica.run("acme");
        replica.stop();
        UsageStore store = open();
        store.write("2000-not-ours", bytes("x"));
        clock.advance(Duration.ofHours(Usage.KEPT_HOURS));
        assertThat(reader.runs("acme")).isEqualTo(1);
        replica().stop();
        assertThat(store.list("", LAST)).hasSize(2);

        clock.advance(Duration.ofHours(1));
        assertThat(reader.runs("acme")).isZero();
        replica().stop();
        assertThat(store.list("", LAST)).extracting(UsageStore.Entry::name).containsExactly("2000-not-ours");
    }

    @Test
    void passesOverWhatIsBrokenWithOneLine() {
        Replica good = replica();
        good.run("acme");
        good.stop();
        UsageStore store = open();
        String hour = HourName.before(HourName.hourOf(clock.instant()));
        String process = "~00000000-0000-4000-8000-00000000000%d";
        store.write(
                hour + process.formatted(1), bytes("{\"format\":1,\"tenants\":[{\"tenant\":\"acme\",\"cpu_ms\":-5}]}"));
        store.write(hour + process.formatted(2), bytes("{\"format\":1,\"ten"));
        store.write(hour + process.formatted(3), new byte[0]);
        store.write(hour + process.formatted(4), new byte[UsageStore.MAX_BYTES + 1]);
        store.write("2999-not-a-name", bytes("x"));
        List<String> lines = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(OtherCounts.class.getName());
        logger.addHandler(handler);
        try {
            Replica replica = replica();
            assertThat(replica.runs("acme")).isEqualTo(1);
            assertThat(replica.runs("acme")).isEqualTo(1);
            assertThat(lines).hasSize(1);
            store.write(
                    hour + process.formatted(2),
                    bytes("{\"format\":1,\"tenants\":[{\"tenant\":\"acme\",\"runs\":{\"exited\":5}}]}"));
            assertThat(replica.runs("acme")).as("mended").isEqualTo(6);
            store.delete(List.of(hour + process.formatted(2)));
            assertThat(replica.runs("acme")).as("taken away").isEqualTo(1);
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void keepsTheNewestHoursThatFitIntoTheHeap() {
        UsageStore store = open();
        long hour = HourName.hourOf(clock.instant());
        for (int i = 0; i < 4; i++) {
            StringBuilder rows = new StringBuilder("{\"format\":1,\"tenants\":[{\"tenant\":\"acme\",\"files\":1}");
            for (int row = 1; row < 20_000; row++) {
                rows.append(",{\"tenant\":\"").append(row).append("\"}");
            }
            HourName name = new HourName(hour - i, "00000000-0000-4000-8000-000000000000");
            store.write(name.text(), bytes(rows.append("]}").toString()));
        }
        UsageResponse report = replica().report("acme");
        assertThat(report.files()).isEqualTo(2);
        assertThat(report.since()).isEqualTo(HourName.begin(hour - 1));
    }

    /** And nothing that counts waits for it. */
    @Test
    void isThisReplicasOwnWhileTheStoreDoesNotAnswer() {
        Replica other = replica();
        other.run("acme");
        other.stop();
        clock.advance(Duration.ofHours(1));
        FaultyStore store = new FaultyStore(open());
        UsageTimings timings = new UsageTimings(
                NEVER, Duration.ZERO, Duration.ofMillis(50), Duration.ofMinutes(1), NEVER, Duration.ofMillis(50));
        Replica replica = new Replica(store, timings);
        store.hang();
        replica.run("acme");
        UsageResponse report = replica.report("acme");
        assertThat(report.of()).isEqualTo("process");
        assertThat(report.runs()).containsEntry("exited", 1L);
        assertThat(report.since()).isEqualTo(clock.instant().getEpochSecond());
        store.answer();
        Await.until(
                "the other's",
                Duration.ofSeconds(30),
                () -> replica.report("acme").of().equals("replicas"));
        assertThat(replica.runs("acme")).isEqualTo(2);
        store.hang();
        assertThat(replica.runs("acme")).as("not old yet").isEqualTo(2);
        replica.stop();
        store.answer();
        Await.until("the end of what hung", Duration.ofSeconds(30), store::isIdle);
    }

    @Test
    void storesLaterWhatItCannotNow() {
        FaultyStore store = new FaultyStore(open());
        UsageTimings often = new UsageTimings(
                Duration.ofMillis(20),
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ZERO,
                NEVER,
                Duration.ofSeconds(30));
        store.fail(true);
        Replica replica = new Replica(store, often);
        replica.run("acme");
        assertThat(replica.report("acme").of()).isEqualTo("process");
        store.awaitFailures(3);
        store.fail(false);
        Replica other = replica();
        Await.until("what was counted", Duration.ofSeconds(30), () -> other.runs("acme") == 1);
        replica.stop();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** A store in front of which a test can stand. */
    private static final class FaultyStore implements UsageStore {
        private final UsageStore store;
        private final AtomicInteger underWay = new AtomicInteger();
        private volatile CountDownLatch answers = new CountDownLatch(0);
        private volatile boolean failing;
        private volatile CountDownLatch failures = new CountDownLatch(0);

        FaultyStore(UsageStore store) {
            this.store = store;
        }

        void hang() {
            answers = new CountDownLatch(1);
        }

        void answer() {
            answers.countDown();
        }

        void fail(boolean fail) {
            failing = fail;
        }

        void awaitFailures(int count) {
            failures = new CountDownLatch(count);
            try {
                failures.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        boolean isIdle() {
            return underWay.get() == 0;
        }

        private <T> T pass(Supplier<T> call) {
            underWay.incrementAndGet();
            try {
                answers.await();
                if (failing) {
                    failures.countDown();
                    throw new ServiceException(ErrorCode.CAPACITY_UNAVAILABLE, "it was told to fail");
                }
                return call.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ServiceException(ErrorCode.CAPACITY_UNAVAILABLE, "interrupted", e);
            } finally {
                underWay.decrementAndGet();
            }
        }

        private void pass(Runnable call) {
            boolean _ = pass(() -> {
                call.run();
                return true;
            });
        }

        @Override
        public void write(String name, byte[] content) {
            pass(() -> store.write(name, content));
        }

        @Override
        public List<Entry> list(String after, String before) {
            return pass(() -> store.list(after, before));
        }

        @Override
        public Optional<byte[]> read(String name) {
            return pass(() -> store.read(name));
        }

        @Override
        public void delete(List<String> names) {
            pass(() -> store.delete(names));
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
