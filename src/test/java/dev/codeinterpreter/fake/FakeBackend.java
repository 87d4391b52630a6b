package dev.codeinterpreter.fake;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendTraits;
import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSpec;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.sandbox.SessionGuard;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Its sandboxes are threads that speak as a runner does: every program prints {@code hi} and exits with 0. Where a test
 * needs it, it refuses to launch, and tells what it launched.
 */
@ApplicationScoped
@Named("fake")
public class FakeBackend implements SandboxBackend {
    private static final BackendTraits TRAITS = new BackendTraits(
            ResourceLimits.from(new Settings(name -> Optional.empty())),
            Map.of(),
            new ProgramConfinement(ProgramSockets.LOOPBACK, Map.of(), SessionGuard.LANDLOCK),
            true,
            "none",
            false);

    private final Map<SandboxId, FakeSandbox> running = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile String revision = "1";
    private volatile boolean refusing;
    private volatile String endOfImports = FakeSandbox.LIBRARIES;

    /** From now on launches fail, or do not. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** From now on imports that are begun fail, or do not. */
    public void failImports(boolean fail) {
        endOfImports = fail ? FakeSandbox.FAILED : FakeSandbox.LIBRARIES;
    }

    /** From now on imports that are begun take for ever. */
    public void prolongImports() {
        endOfImports = FakeSandbox.IMPORTING;
    }

    public void changeImage(String newRevision) {
        revision = newRevision;
    }

    public Map<SandboxId, FakeSandbox> running() {
        return Map.copyOf(running);
    }

    @Override
    public Sandbox launch(SandboxSpec spec) {
        if (refusing) {
            throw ServiceException.capacity(
                    Rejection.LAUNCH_FAILED, "it was told to fail.", new IllegalStateException("told"));
        }
        FakeSandbox sandbox = new FakeSandbox(spec, () -> endOfImports, () -> running.remove(spec.id()));
        running.put(spec.id(), sandbox);
        sandbox.start();
        return sandbox;
    }

    @Override
    public Optional<SandboxChannel> connect(SandboxId session, String tenantLabel, List<String> command) {
        if (!isOf(session, tenantLabel)) {
            return Optional.empty();
        }
        connections.incrementAndGet();
        AtomicBoolean open = new AtomicBoolean(true);
        return Optional.of(new IdleChannel(() -> {
            if (open.getAndSet(false)) {
                connections.decrementAndGet();
            }
        }));
    }

    private boolean isOf(SandboxId id, String tenantLabel) {
        FakeSandbox sandbox = running.get(id);
        return sandbox != null && SandboxLabels.tenant(sandbox.spec().tenant()).equals(tenantLabel);
    }

    /** Those to sessions that are open. */
    public int connections() {
        return connections.get();
    }

    @Override
    public boolean remove(SandboxId id, String tenantLabel) {
        FakeSandbox sandbox = running.get(id);
        if (sandbox == null || !isOf(id, tenantLabel)) {
            return false;
        }
        sandbox.close();
        return true;
    }

    @Override
    public boolean awaitGone(SandboxId session, Duration timeout) {
        return !running.containsKey(session);
    }

    @Override
    public List<SandboxSummary> list() {
        return running.values().stream()
                .map(FakeSandbox::spec)
                .map(spec -> new SandboxSummary(spec.id(), SandboxLabels.tenant(spec.tenant()), spec.expiresAt()))
                .toList();
    }

    @Override
    public String revision() {
        return revision;
    }

    @Override
    public BackendTraits traits() {
        return TRAITS;
    }

    @Override
    public BackendHealth check(Duration timeout) {
        return BackendHealth.ok();
    }
}
