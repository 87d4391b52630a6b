package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.bean.SingleInstance;
import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.error.Rejection;
import dev.codeinterpreter.error.ServiceException;
import dev.codeinterpreter.sandbox.BackendException;
import dev.codeinterpreter.sandbox.BackendHealth;
import dev.codeinterpreter.sandbox.BackendTraits;
import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ProgramSockets;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.Sandbox;
import dev.codeinterpreter.sandbox.SandboxBackend;
import dev.codeinterpreter.sandbox.SandboxChannel;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import dev.codeinterpreter.sandbox.SandboxSummary;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Launches pods in the cluster that KUBECONFIG or our own service account leads to. */
@SingleInstance
@Named("kubernetes")
public class KubernetesBackend implements SandboxBackend {
    private final KubernetesConfig config;
    private final PodApi api;
    private final PodWatch watch;
    private final ExecClient exec;
    private final PodDeleter removal;
    private final KubernetesSandboxes sandboxes;
    private final PodLauncher launches;
    private final ClusterCheck check;
    private final BackendTraits traits;

    @Inject
    KubernetesBackend(Settings settings, ResourceLimits limits, Clock clock) {
        this(settings, limits, clock, ClusterTimings.DEFAULT);
    }

    KubernetesBackend(Settings settings, ResourceLimits limits, Clock clock, ClusterTimings timings) {
        this.config = KubernetesConfig.from(settings);
        PodSpecs specs = new PodSpecs(config, UUID.randomUUID().toString());
        this.api = new PodApi(config.namespace(), timings.calls());
        this.watch = new PodWatch(api, timings.calls());
        this.exec = new ExecClient(api, config.namespace(), timings.calls());
        this.removal = new PodDeleter(api, watch, timings.removals());
        this.sandboxes = new KubernetesSandboxes(
                api, watch, exec, removal, timings.removals().ending());
        this.launches = new PodLauncher(config, timings.launches(), specs, api, watch, exec, removal, clock);
        this.check = new ClusterCheck(config, specs, api, clock);
        // A pod has a network, whatever policies there are, no field for ulimits, and one user whom the kubelet starts
        // things as.
        this.traits = new BackendTraits(
                config.limits(limits),
                Map.of(),
                new ProgramConfinement(ProgramSockets.UNIX, ProgramConfinement.ULIMITS, config.sessionGuard()),
                true,
                (config.netAdminLockdown() ? "net_admin_init_container" : "syscall_filter") + "+network_policy",
                true);
    }

    @Override
    public Sandbox launch(SandboxSpec spec) {
        return launches.launch(spec);
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

    /** The image is what was configured at the start; a tag that moves is the cluster's affair. */
    @Override
    public String revision() {
        return config.image();
    }

    @Override
    public BackendTraits traits() {
        return traits;
    }

    @Override
    public BackendHealth check(Duration timeout) {
        return check.within(timeout);
    }

    @PreDestroy
    void close() {
        removal.close();
        exec.close();
        watch.close();
        api.close();
    }

    private static ServiceException unavailable(BackendException e) {
        if (e.isUnreachable()) {
            return ServiceException.capacity(Rejection.ENGINE_UNREACHABLE, "the cluster does not answer.", e);
        }
        if (e.isForbidden()) {
            return ServiceException.capacity(Rejection.NOT_PERMITTED, "the service may not use its sandboxes.", e);
        }
        return ServiceException.capacity(Rejection.ENGINE_FAILED, "the cluster did not do what it was asked.", e);
    }
}
