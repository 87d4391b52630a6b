package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendTraits;
import dev.codeinterpreter.sandbox.OrphanReaper;
import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import dev.codeinterpreter.sandbox.SandboxSummary;
import dev.codeinterpreter.sandbox.SessionGuard;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Launches containers on the Docker Engine at DOCKER_HOST: create, attach to process 1, start. */
@SingleInstance
@Named("docker")
public class DockerBackend implements SandboxBackend {
    private final EngineClient engine;
    private final DockerConfig config;
    private final EngineKind kind;
    private final ContainerSpecs specs;
    private final OrphanReaper orphans;
    private final DockerSandboxes sandboxes;
    private final SandboxUids uids;
    private final ExecutorImage image;
    private final BackendTraits traits;

    @Inject
    DockerBackend(Settings settings, ResourceLimits limits) {
        this.config = DockerConfig.from(settings);
        this.engine = new EngineClient(config.engine(), config.tls().map(EngineTls::context), EngineTimings.DEFAULT);
        this.kind = new EngineKind(engine);
        this.specs = new ContainerSpecs(config, UUID.randomUUID().toString(), seccompProfile());
        this.orphans = DockerSandboxes.reaper(engine);
        this.sandboxes = new DockerSandboxes(engine, orphans);
        this.uids = new SandboxUids(engine);
        this.image = new ExecutorImage(
                engine,
                config,
                new RegistryCredentials(config.credentials(), new CredentialProgram()),
                ExecutorImage.Timings.DEFAULT);
        // No network but loopback, and the engine starts a connector as any user.
        this.traits = new BackendTraits(
                config.runArguments().limits(limits),
                config.runArguments().environment(),
                new ProgramConfinement(ProgramSockets.LOOPBACK, Map.of(), SessionGuard.UID),
                config.network().equals("none"),
                "docker_network:" + config.network(),
                false);
    }

    @Override
    public Sandbox launch(SandboxSpec spec) {
        requireDocker();
        SandboxId id = spec.id();
        DockerSandbox sandbox = new DockerSandbox(id, engine, orphans);
        try {
            Duration timeout = engine.timings().call();
            engine.post("/containers/create?name=" + id, specs.create(spec, uids.next()), timeout);
            sandbox.attach(timeout);
            engine.post("/containers/%s/start".formatted(id), null, timeout);
            return sandbox;
        } catch (BackendException e) {
            if (e.isUnreachable()) {
                // It may still carry out what it did not answer, and would not answer a removal either.
                sandbox.abandon();
            } else {
                sandbox.close();
            }
            throw unavailable(e);
        }
    }

    private void requireDocker() {
        try {
            Optional<String> objection = kind.objection(engine.timings().call());
            if (objection.isPresent()) {
                throw ServiceException.capacity(Rejection.LAUNCH_FAILED, objection.get() + ".", null);
            }
        } catch (BackendException e) {
            throw unavailable(e);
        }
    }

    @Override
    public Optional<SandboxChannel> connect(SandboxId session, String tenantLabel, List<String> command) {
        try {
            return sandboxes.connect(session, tenantLabel, command);
        } catch (BackendException e) {
            throw unavailable(e);
        }
    }

    @Override
    public boolean remove(SandboxId id, String tenantLabel) {
        try {
            return sandboxes.remove(id, tenantLabel);
        } catch (BackendException e) {
            throw unavailable(e);
        }
    }

    @Override
    public boolean awaitGone(SandboxId session, Duration timeout) {
        return sandboxes.awaitGone(session, timeout);
    }

    @Override
    public List<SandboxSummary> list() {
        try {
            return sandboxes.list();
        } catch (BackendException e) {
            throw unavailable(e);
        }
    }

    @Override
    public BackendTraits traits() {
        return traits;
    }

    @Override
    public String revision() {
        try {
            return engine.get(
                            "/images/%s/json".formatted(config.image()),
                            engine.timings().inspect())
                    .getString("Id", "");
        } catch (BackendException e) {
            return "";
        }
    }

    /** The first check begins to keep the image there: by then all settings are known to be right. */
    @Override
    public BackendHealth check(Duration timeout) {
        image.start();
        try {
            long start = System.nanoTime();
            engine.ping(timeout);
            Optional<String> objection = kind.objection(left(timeout, start));
            if (objection.isPresent()) {
                return BackendHealth.failing(objection.get());
            }
            engine.get("/images/%s/json".formatted(config.image()), left(timeout, start));
            return BackendHealth.ok();
        } catch (BackendException e) {
            if (e.isNotFound()) {
                return BackendHealth.failing("the executor image %s is missing%s".formatted(config.image(), state()));
            }
            return BackendHealth.failing(config.tls()
                    .flatMap(tls -> tls.problem(e))
                    .orElse(
                            e.asksForTls()
                                    ? "the container engine speaks TLS: set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH"
                                    : "the container engine does not answer"));
        }
    }

    private String state() {
        if (image.isBeingPulled()) {
            return ": pulling it";
        }
        return image.trouble().isEmpty() ? "" : " and could not be pulled: " + image.trouble();
    }

    private static Duration left(Duration timeout, long start) {
        Duration left = timeout.minusNanos(System.nanoTime() - start);
        return left.isPositive() ? left : Duration.ofMillis(1);
    }

    @PreDestroy
    void close() {
        image.close();
        orphans.close();
        engine.close();
    }

    private ServiceException unavailable(BackendException e) {
        if (e.isUnreachable()) {
            return ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "the container engine does not answer.", e);
        }
        if (e.isNotFound()) {
            String sentence = image.isBeingPulled()
                    ? "the executor image is being pulled."
                    : "the executor image is not on the engine.";
            return ServiceException.capacity(Rejection.IMAGE_MISSING, sentence, e);
        }
        return ServiceException.capacity(Rejection.LAUNCH_FAILED, "the container engine could not start a sandbox.", e);
    }

    private static String seccompProfile() {
        try (InputStream resource = DockerBackend.class.getResourceAsStream("seccomp.json")) {
            if (resource == null) {
                throw new IllegalStateException("seccomp.json is not in the jar");
            }
            return new String(resource.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
