package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.fake.FakeBackend;
import dev.codeinterpreter.fake.FakeSandbox;
import dev.codeinterpreter.files.FilesConfig;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.launch.LaunchConfig;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.pool.PoolListener.LaunchType;
import dev.codeinterpreter.run.RunConfig;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.tenant.Caller;
import dev.codeinterpreter.tenant.Tenants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pool's rules, on sandboxes that take no time. */
@Timeout(60)
class WarmPoolTest {
    /** As in the service, but nothing here takes as long. */
    private static final PoolTimings TIMINGS =
            PoolTimings.DEFAULT.withHousekeeping(Duration.ofMillis(300)).withClaimGrace(Duration.ofMillis(10));

    private static final Text WITH_LIBRARIES = Text.of("import pandas");
    private static final Text WITHOUT = Text.of("print('hi')");

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final FakeBackend backend = new FakeBackend();
    private final Deadlines deadlines = new Deadlines();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final List<WarmPool> pools = new ArrayList<>();
    private int preloadable;

    @AfterEach
    void stop() {
        pools.forEach(pool -> pool.stop(new Object()));
        assertThat(backend.running()).isEmpty();
        assertThat(backend.connections()).isZero();
    }

    @Test
    void fillsItselfToItsSizeAndNoFurther() {
        WarmPool pool = pool(3);
        awaitFull(pool);
        assertThat(pool.stats()).isEqualTo(new PoolStats(3, 3, 3, 0, 0, 0));
        assertThat(backend.running()).hasSize(3);
        assertThat(heard).containsOnly("launched WARM", "preloaded").hasSize(6);
    }

    @Test
    void givesAWarmSandboxOnceAndReplacesIt() throws Exception {
        WarmPool pool = pool(2);
        Set<Object> seen = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 20; i++) {
            awaitFull(pool);
            try (ClaimedSandbox sandbox = claim(pool)) {
                assertThat(sandbox).isInstanceOf(WarmSandbox.class);
                assertThat(seen.add(sandbox.id())).as("never seen before").isTrue();
                sandbox.runner().ping();
            }
        }
    }

    @Test
    void asksAheadWithoutComingBetweenAClaimantAndItsSandbox() throws Exception {
        WarmPool pool = pool(2);
        for (int i = 0; i < 20; i++) {
            awaitFull(pool);
            pool.probeNext();
            pool.probeNext();
            try (ClaimedSandbox sandbox = claim(pool)) {
                assertThat(sandbox).isInstanceOf(WarmSandbox.class);
                for (int ping = 0; ping < 20; ping++) {
                    sandbox.runner().ping();
                }
            }
        }
    }

    @Test
    void takesNoneThatWasFoundDeadAhead() {
        WarmPool pool = pool(1);
        awaitFull(pool);
        Set<Object> dead = Set.copyOf(backend.running().keySet());
        backend.running().values().forEach(FakeSandbox::die);
        pool.probeNext();
        try (ClaimedSandbox sandbox = claim(pool)) {
            assertThat(dead).doesNotContain(sandbox.id());
        }
        assertThat(heard).contains("retired DEAD");
    }

    @Test
    void launchesColdAtOnceWhenNoneIsIdle() throws Exception {
        WarmPool pool = pool(0);
        try (ClaimedSandbox sandbox = claim(pool)) {
            assertThat(sandbox).isNotInstanceOf(WarmSandbox.class);
            sandbox.runner().ping();
        }
        assertThat(heard).containsExactly("launched COLD", "claimed COLD bare");
        assertThat(backend.running()).isEmpty();
    }

    @Test
    void givesEachOfManyClaimantsAnother() throws Exception {
        WarmPool pool = pool(4);
        awaitFull(pool);
        Set<Object> seen = ConcurrentHashMap.newKeySet();
        List<Thread> claimants = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            claimants.add(Thread.ofVirtual().start(() -> {
                try (ClaimedSandbox sandbox = claim(pool)) {
                    seen.add(sandbox.id());
                }
            }));
        }
        for (Thread claimant : claimants) {
            claimant.join();
        }
        assertThat(seen).hasSize(64);
        awaitFull(pool);
        assertThat(backend.running()).hasSize(4);
    }

    /** Nothing replaces them before the claim has ended. */
    @Test
    void passesOverTheDead() {
        PoolTimings slow = TIMINGS.withHousekeeping(BOUND).withClaimGrace(Duration.ofSeconds(2));
        WarmPool pool = pool(slow, System::nanoTime, 2);
        awaitFull(pool);
        backend.running().values().forEach(FakeSandbox::die);
        try (ClaimedSandbox sandbox = claim(pool)) {
            assertThat(sandbox).isNotInstanceOf(WarmSandbox.class);
        }
        assertThat(heard).contains("retired DEAD");
        awaitFull(pool);
    }

    @Test
    void replacesTheDeadWithoutBeingAsked() {
        WarmPool pool = pool(2);
        awaitFull(pool);
        backend.running().values().forEach(FakeSandbox::die);
        Await.until("both to be replaced", BOUND, () -> count("retired DEAD") == 2 && count("launched WARM") == 4);
    }

    @Test
    void replacesWhatIsOldAndWhatIsOfAnotherImage() {
        WarmPool pool = pool(2, "WARM_POOL_MAX_IDLE_SEC", "1");
        Await.until("some to be replaced", BOUND, () -> count("retired AGE") >= 2 && count("launched WARM") >= 4);
        WarmPool other = pool(2);
        awaitFull(other);
        backend.changeImage("2");
        Await.until("those of the old image to go", BOUND, () -> count("retired STALE") >= 2);
        awaitFull(pool);
    }

    @Test
    void triesAFailedImportAgainInAnotherSandbox() {
        backend.failImports(true);
        WarmPool pool = pool(1);
        Await.until("a failed import", BOUND, () -> heard.contains("import failed"));
        backend.failImports(false);
        awaitFull(pool);
        assertThat(heard).containsSubsequence("launched WARM", "retired IMPORT", "launched WARM", "preloaded");
    }

    @Test
    void survivesAnEngineThatFails() {
        backend.refuse(true);
        WarmPool pool = pool(2);
        Await.until("a failed launch", BOUND, () -> heard.contains("failed WARM"));
        assertThatThrownBy(() -> claim(pool)).isInstanceOf(ServiceException.class);
        assertThat(heard).contains("failed COLD");
        backend.refuse(false);
        awaitFull(pool);
        // Half a second, one, two: it did not try all the time.
        assertThat(count("failed WARM")).isLessThan(10);
    }

    @Test
    void givesNewOnesTheMemoryThatTheLibrariesTookBefore() {
        WarmPool pool = pool(1, "WARM_POOL_MAX_IDLE_SEC", "1");
        Await.until("a second one", BOUND, () -> count("launched WARM") >= 2);
        awaitFull(pool);
        long program = 256L << 20;
        long rest = (256L + 64 + 16) << 20;
        assertThat(backend.running().values())
                .allSatisfy(sandbox -> assertThat(sandbox.spec().limits().containerMemory())
                        .isEqualTo(program + rest + (24L << 20) + 50_000_000));
    }

    @Test
    void givesEachProgramWhatSuitsIt() {
        WarmPool pool = pool(1, "WARM_POOL_BARE_SIZE", "1");
        awaitFull(pool);
        try (ClaimedSandbox bare = Caller.DEFAULT.get(() -> pool.claim(WITHOUT, false));
                ClaimedSandbox preloaded = Caller.DEFAULT.get(() -> pool.claim(WITH_LIBRARIES, false))) {
            assertThat(List.of(bare, preloaded)).hasOnlyElementsOfType(WarmSandbox.class);
            assertThat(heard.subList(heard.indexOf("claimed WARM bare"), heard.size()))
                    .contains("claimed WARM preloaded");
        }
    }

    @Test
    void givesWhatThereIsWhenNoneSuits() {
        WarmPool pool = pool(1, "WARM_POOL_BARE_SIZE", "1");
        awaitFull(pool);
        try (ClaimedSandbox first = Caller.DEFAULT.get(() -> pool.claim(WITHOUT, false));
                ClaimedSandbox second = Caller.DEFAULT.get(() -> pool.claim(WITHOUT, false))) {
            assertThat(List.of(first, second)).hasOnlyElementsOfType(WarmSandbox.class);
            assertThat(heard).containsSubsequence("claimed WARM bare", "claimed WARM preloaded");
        }
    }

    @Test
    void hasAProgramWaitForAnImportThatIsHalfOver() throws Exception {
        WarmPool pool = pool(1, "WARM_POOL_BARE_SIZE", "1");
        awaitFull(pool);
        backend.prolongImports();
        claim(pool).close();
        Await.until("another import", BOUND, () -> count("launched WARM") == 3);
        Await.until("half of it", BOUND, () -> {
            try (ClaimedSandbox sandbox = claim(pool)) {
                sandbox.runner().ping();
                return sandbox instanceof JoinedSandbox;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(count("claimed WARM preloaded")).isEqualTo(2);
        try (ClaimedSandbox sandbox = Caller.DEFAULT.get(() -> pool.claim(WITHOUT, false))) {
            assertThat(sandbox).isNotInstanceOf(JoinedSandbox.class);
        }
    }

    @Test
    void importsOnlyWhatIsNamedWhileProgramsComeFasterThanItCanImport() {
        AtomicLong now = new AtomicLong();
        WarmPool pool = pool(now::get, 1);
        awaitFull(pool);
        assertThat(imports()).containsExactly("numpy,pandas,matplotlib.pyplot");
        for (int i = 0; i < 4; i++) {
            claim(pool).close();
        }
        Await.until("another import", BOUND, () -> count("preloaded") == 2);
        assertThat(imports()).containsExactly("pandas");
        assertThat(heard).contains("claimed WARM preloaded").doesNotContain("retired PARTIAL");
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        Await.until("all again, when imports keep up", BOUND, () -> count("preloaded") == 3);
        assertThat(heard).contains("retired PARTIAL");
        assertThat(imports()).containsExactly("numpy,pandas,matplotlib.pyplot");
    }

    private Stream<String> imports() {
        return backend.running().values().stream()
                .map(FakeSandbox::imports)
                .map(request -> request.replaceAll(".*\\[|\\].*|\"", ""));
    }

    @Test
    void givesMemoryForLibrariesToThoseThatImportThem() {
        WarmPool pool = pool(1, "WARM_POOL_BARE_SIZE", "2");
        awaitFull(pool);
        assertThat(backend.running().values().stream()
                        .map(sandbox -> sandbox.spec().limits().containerMemory())
                        .distinct())
                .hasSize(2);
    }

    @Test
    void givesASessionWhatWasLaunchedForOne() {
        WarmPool pool = pool(1, "WARM_POOL_SESSION_SIZE", "1");
        awaitFull(pool);
        Await.until("one for a session", BOUND, () -> pool.stats().preloadedSessions() == 1);
        assertThat(pool.stats()).isEqualTo(new PoolStats(1, 1, 1, 1, 1, 0));
        Set<SandboxId> future = pool.futureSessions();
        try (ClaimedSandbox run = claim(pool);
                ClaimedSandbox cold = claim(pool);
                ClaimedSandbox session = pool.claimSession("default").orElseThrow()) {
            assertThat(run.id().isSession()).isFalse();
            assertThat(cold).isNotInstanceOf(WarmSandbox.class);
            assertThat(future).containsExactly(session.id());
            assertThat(pool.futureSessions()).contains(session.id());
            pool.settled(session.id());
            assertThat(pool.futureSessions()).doesNotContain(session.id());
        }
    }

    @Test
    void hasAConnectionReadyForASession() {
        WarmPool pool = pool(1, "WARM_POOL_SESSION_SIZE", "2");
        Await.until("connections", BOUND, () -> backend.connections() == 2);
        try (ClaimedSandbox session = pool.claimSession("default").orElseThrow();
                SandboxChannel connection = session.takeConnection().orElseThrow()) {
            assertThat(connection).isNotNull();
            assertThat(session.takeConnection()).isEmpty();
            pool.settled(session.id());
        }
        Await.until("connections", BOUND, () -> backend.connections() == 2);
        // One that was not taken ends with its sandbox.
        pool.claimSession("default").orElseThrow().close();
        Await.until("another one", BOUND, () -> backend.connections() == 2);
    }

    @Test
    void keepsOneKindWhenThereAreNoLibraries() {
        WarmPool pool = pool(1, "WARM_POOL_BARE_SIZE", "2", "WARM_POOL_SESSION_SIZE", "1", "PRELOAD_MODULES", "none");
        awaitFull(pool);
        Await.until("one for a session", BOUND, () -> pool.stats().sessions() == 1);
        assertThat(pool.stats()).isEqualTo(new PoolStats(3, 3, 0, 1, 0, 0));
        assertThat(heard).containsOnly("launched WARM");
        assertThat(backend.running().values().stream()
                        .map(sandbox -> sandbox.spec().limits().containerMemory())
                        .distinct())
                .as("no memory for libraries")
                .hasSize(1);
    }

    @Test
    void closesWhatIsIdleWhenItStops() {
        WarmPool pool = pool(3);
        awaitFull(pool);
        pool.stop(new Object());
        assertThat(backend.running()).isEmpty();
        assertThat(heard).contains("retired SHUTDOWN");
    }

    private WarmPool pool(int size, String... variables) {
        return pool(System::nanoTime, size, variables);
    }

    private WarmPool pool(LongSupplier nanoTime, int size, String... variables) {
        return pool(TIMINGS, nanoTime, size, variables);
    }

    private WarmPool pool(PoolTimings timings, LongSupplier nanoTime, int size, String... variables) {
        Map<String, String> values = new java.util.HashMap<>(Map.of(
                "WARM_POOL_SIZE", Integer.toString(size), "WARM_POOL_BARE_SIZE", "0", "WARM_POOL_SESSION_SIZE", "0"));
        for (int i = 0; i < variables.length; i += 2) {
            values.put(variables[i], variables[i + 1]);
        }
        preloadable = "none".equals(values.get("PRELOAD_MODULES")) ? 0 : size;
        Settings settings = new Settings(name -> Optional.ofNullable(values.get(name)));
        Launcher launcher = new Launcher(
                LaunchConfig.from(settings),
                RunConfig.from(settings),
                FilesConfig.from(settings),
                backend,
                Clock.systemUTC(),
                Tenants.ONE);
        WarmPool pool = new WarmPool(
                PoolConfig.from(settings),
                timings,
                new ImportPlan(launcher.libraries(), nanoTime),
                launcher,
                deadlines,
                new Recorder());
        settings.verify();
        pools.add(pool);
        pool.start(new Object());
        return pool;
    }

    private void awaitFull(WarmPool pool) {
        Await.until(
                "a full pool", BOUND, () -> pool.stats().idle() == pool.stats().target());
        Await.until("its libraries", BOUND, () -> pool.stats().preloaded() == preloadable);
    }

    private static ClaimedSandbox claim(WarmPool pool) {
        return Caller.DEFAULT.get(() -> pool.claim(WITH_LIBRARIES, false));
    }

    private long count(String event) {
        return heard.stream().filter(event::equals).count();
    }

    private final class Recorder implements PoolListener {
        @Override
        public void launched(LaunchType type, Duration took) {
            assertThat(took).isPositive();
            heard.add("launched " + type);
        }

        @Override
        public void launchFailed(LaunchType type) {
            heard.add("failed " + type);
        }

        @Override
        public void preloaded(Duration took) {
            heard.add("preloaded");
        }

        @Override
        public void preloadFailed() {
            heard.add("import failed");
        }

        @Override
        public void claimed(LaunchType type, boolean preloaded) {
            heard.add("claimed " + type + (preloaded ? " preloaded" : " bare"));
        }

        @Override
        public void retired(RetireReason reason) {
            heard.add("retired " + reason);
        }
    }
}
