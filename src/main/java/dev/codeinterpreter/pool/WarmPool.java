package dev.codeinterpreter.pool;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.launch.ClaimedSandbox;
import dev.codeinterpreter.launch.Launcher;
import dev.codeinterpreter.logging.RequestId;
import dev.codeinterpreter.pool.PoolListener.LaunchType;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.schedule.Deadlines;
import dev.codeinterpreter.spool.Text;
import dev.codeinterpreter.trace.Span;
import dev.codeinterpreter.trace.Tracing;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Sandboxes for single runs and for sessions, some of them ready before they are asked for.
 *
 * <p>Theory of operation: each sandbox is used once. {@link #claim} takes an idle one that still answers, or launches one
 * at once when there is none; it never waits for the pool. The {@link Replenisher} has a thread of its own: it launches
 * what is missing, one at a time and after the launches that runs are waiting for, and closes what has become old or
 * stale. Some sandboxes stay bare, the others import libraries when the {@link Preloader} asks them to; a program gets
 * whichever suits it. They share the {@link IdleSandboxes}.
 */
@SingleInstance
public class WarmPool {
    private static final String CLAIM = "sandbox.claim";
    private static final String KIND = "code_interpreter.sandbox.kind";

    private final PoolTimings timings;
    private final Launcher launcher;
    private final Deadlines deadlines;
    private final PoolListener listener;
    private final ImportPlan plan;
    private final IdleSandboxes idle;
    private final Replenisher replenisher;
    private final Preloader preloader;

    @Inject
    WarmPool(PoolConfig config, Launcher launcher, Deadlines deadlines, PoolListener listener) {
        this(
                config,
                PoolTimings.DEFAULT,
                new ImportPlan(launcher.libraries(), System::nanoTime),
                launcher,
                deadlines,
                listener);
    }

    WarmPool(
            PoolConfig config,
            PoolTimings timings,
            ImportPlan plan,
            Launcher launcher,
            Deadlines deadlines,
            PoolListener listener) {
        this.plan = plan;
        this.timings = timings;
        this.launcher = launcher;
        this.deadlines = deadlines;
        this.listener = listener;
        PoolConfig sizes =
                config.resolved(launcher.idleTakesRoom(), !launcher.libraries().isEmpty());
        this.idle = new IdleSandboxes(sizes, listener, plan, launcher::tenant);
        this.replenisher = new Replenisher(sizes, timings, launcher, idle, deadlines, listener, this::wakePreloader);
        this.preloader = new Preloader(timings, launcher, idle, plan, replenisher::isQuiet, deadlines, listener);
    }

    public PoolStats stats() {
        return idle.stats();
    }

    /**
     * A sandbox for one run: of the idle ones that answer the one that suits its program best, else a new one. The caller
     * closes it.
     *
     * @param code the program; that it imports libraries is guessed
     * @param hasModules whether other files of Python come with it, which may import them too
     * @throws ServiceException CAPACITY_UNAVAILABLE when there is none and none can be launched
     */
    public ClaimedSandbox claim(Text code, boolean hasModules) {
        Set<String> named = hasModules ? plan.names() : launcher.librariesNamedIn(code);
        try (Span span = Tracing.begin(CLAIM)) {
            Optional<WarmSandbox> warm = claim(() -> idle.take(named));
            boolean found = warm.filter(sandbox -> sandbox.has(named)).isPresent();
            plan.count(named, found);
            if (warm.isEmpty()) {
                span.set(KIND, "cold");
                return launch();
            }
            WarmSandbox sandbox = warm.get();
            boolean joins = !found && sandbox.canBeJoined(named, plan);
            boolean preloaded = found || joins;
            span.set(KIND, preloaded ? "preloaded" : "bare");
            listener.claimed(LaunchType.WARM, preloaded);
            return joins ? new JoinedSandbox(sandbox, timings.join()) : sandbox;
        }
    }

    /**
     * A sandbox that is to be a session of {@code tenant}, with its runner before LISTEN; nothing when none is idle. The caller
     * closes it unless it becomes one, and says when it is {@link #settled}.
     */
    public Optional<ClaimedSandbox> claimSession(String tenant) {
        try (Span span = Tracing.begin(CLAIM)) {
            Optional<WarmSandbox> warm = claim(() -> idle.takeSession(tenant));
            span.set(
                    KIND,
                    warm.map(sandbox -> sandbox.isPreloaded() ? "preloaded" : "bare")
                            .orElse("cold"));
            return warm.map(ClaimedSandbox.class::cast);
        }
    }

    /** Sandboxes of this pool that look like sessions to everybody, and are none: not yet, or no more. */
    public Set<SandboxId> futureSessions() {
        return idle.futureSessions();
    }

    /** What was claimed for a session is one by now, or gone. */
    public void settled(SandboxId id) {
        idle.settled(id);
    }

    private Optional<WarmSandbox> claim(Supplier<Optional<WarmSandbox>> take) {
        Optional<WarmSandbox> warm = take.get();
        while (warm.isPresent()) {
            replenisher.wake();
            WarmSandbox sandbox = warm.get();
            if (sandbox.isOld()) {
                idle.discard(sandbox, RetireReason.AGE);
            } else if (!sandbox.liveness().claim(deadlines)) {
                idle.discard(sandbox, RetireReason.DEAD);
            } else {
                return warm;
            }
            warm = take.get();
        }
        return Optional.empty();
    }

    /**
     * Says that somebody is going to claim one, and has to read first what it is for: asks meanwhile whether the next idle
     * ones answer, the one for a program with libraries and the one for a program without. Returns at once.
     */
    public void probeNext() {
        Stream.of(plan.names(), Set.<String>of())
                .flatMap(named -> idle.peek(named).stream())
                .distinct()
                .forEach(sandbox -> Thread.ofVirtual()
                        .name("pool-probe-" + sandbox.id().value())
                        .start(RequestId.carry(() -> sandbox.liveness().check(deadlines))));
    }

    /**
     * A new one at once, whatever is idle. The caller closes it.
     *
     * @throws ServiceException CAPACITY_UNAVAILABLE when none can be launched
     */
    public ClaimedSandbox launchCold() {
        try (Span span = Tracing.begin(CLAIM)) {
            span.set(KIND, "cold");
            return launch();
        }
    }

    private ClaimedSandbox launch() {
        long start = System.nanoTime();
        try (Replenisher.Pause _ = replenisher.pause()) {
            ClaimedSandbox sandbox = launcher.launchCold();
            listener.launched(LaunchType.COLD, Duration.ofNanos(System.nanoTime() - start));
            listener.claimed(LaunchType.COLD, false);
            return sandbox;
        } catch (ServiceException e) {
            listener.launchFailed(LaunchType.COLD);
            throw e;
        }
    }

    private void wakePreloader() {
        preloader.wake();
    }

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        replenisher.start();
        if (!launcher.libraries().isEmpty()) {
            preloader.start();
        }
    }

    /** Requests have ended by now. */
    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        preloader.close();
        replenisher.close();
        idle.close();
    }
}
