package dev.codeinterpreter.sandbox.kubernetes;

import dev.codeinterpreter.runner.RunnerScript;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodDNSConfigOptionBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The pure half: from what we want to a pod. Every setting has its reason; none needs a privilege. */
final class PodSpecs {
    static final String CONTAINER = "sandbox";

    /** To the runner, instead of the names of variables that it has to leave out. */
    private static final String ALL_VARIABLES = "*";

    /** An empty volume in their place. */
    private static final String NO_TERMINALS = "no-terminals";

    /** Of process 1, measured at 10 MiB; see {@code waiter.py}. */
    private static final long WAITER_MEMORY = 12L << 20;

    /** From the moment that process 1 runs until our exec: a service that dies in between leaves it waiting. */
    private static final Duration WAITER_TIMEOUT = Duration.ofSeconds(60);

    /**
     * Beyond what a session may be extended to. A pod's deadline cannot be moved later, so it is no more than a last resort;
     * a session's runner knows its true end.
     */
    private static final Duration SESSION_LIFE = Duration.ofDays(7);

    /** What the API takes. */
    private static final long MAX_LIFETIME = Integer.MAX_VALUE;

    private final KubernetesConfig config;
    private final String instance;

    /** Whose end is the end of a pod. */
    record Owner(String apiVersion, String kind, String name, String uid) {}

    PodSpecs(KubernetesConfig config, String instance) {
        this.config = config;
        this.instance = instance;
    }

    /** @param uid of the pod's only user, unless the operator wants one for all or the cluster's */
    Pod create(SandboxSpec spec, long uid, Optional<Owner> owner, Instant now) {
        return new PodBuilder()
                .withMetadata(metadata(spec, owner))
                .withSpec(podSpec(spec, uid, now))
                .build();
    }

    private ObjectMeta metadata(SandboxSpec spec, Optional<Owner> owner) {
        Map<String, String> labels = new TreeMap<>(config.overrides().labels());
        labels.putAll(SandboxLabels.of(spec, instance));
        Map<String, String> annotations = new TreeMap<>(config.overrides().annotations());
        annotations.put(SandboxLabels.EXPIRES_AT, SandboxLabels.expiry(spec.expiresAt()));
        // A cluster that makes itself smaller need not wait for what nobody can move.
        annotations.putIfAbsent("cluster-autoscaler.kubernetes.io/safe-to-evict", "true");
        ObjectMetaBuilder metadata = new ObjectMetaBuilder()
                .withName(spec.id().value())
                .withNamespace(config.namespace())
                .withLabels(labels)
                .withAnnotations(annotations);
        owner.ifPresent(known -> metadata.withOwnerReferences(new OwnerReferenceBuilder()
                .withApiVersion(known.apiVersion())
                .withKind(known.kind())
                .withName(known.name())
                .withUid(known.uid())
                .withBlockOwnerDeletion(false)
                .withController(false)
                .build()));
        return metadata.build();
    }

    private PodSpec podSpec(SandboxSpec spec, long uid, Instant now) {
        PodSpecBuilder pod = new PodSpecBuilder(config.overrides().scheduling())
                .withRestartPolicy("Never")
                .withActiveDeadlineSeconds(lifetime(spec, now))
                // Process 1 ends on SIGTERM. Not 0: that would forget the pod before it has ended.
                .withTerminationGracePeriodSeconds(1L)
                .withServiceAccountName(config.serviceAccount().orElse(null))
                .withImagePullSecrets(config.pullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withAutomountServiceAccountToken(false)
                // The names and addresses of the namespace's services are nobody's business.
                .withEnableServiceLinks(false)
                .withHostNetwork(false)
                .withHostPID(false)
                .withHostIPC(false)
                .withShareProcessNamespace(false)
                .withHostname("sandbox")
                // No resolver: names cannot carry data out, and a lookup fails at once.
                .withDnsPolicy("None")
                .withNewDnsConfig()
                .withNameservers("127.0.0.1")
                .withOptions(
                        new PodDNSConfigOptionBuilder()
                                .withName("timeout")
                                .withValue("1")
                                .build(),
                        new PodDNSConfigOptionBuilder()
                                .withName("attempts")
                                .withValue("1")
                                .build())
                .endDnsConfig()
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                // Never the same uid twice: kernel quotas such as inotify instances are per uid across containers, so a
                // shared one would let a hostile program starve its neighbours.
                .withRunAsUser(config.user().uid(uid))
                .withRunAsGroup(config.user().gid(uid))
                .withFsGroup(config.user().volumeGroup())
                // Kubernetes' own default is none at all.
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withVolumes(volumes(spec.limits()))
                .withContainers(container(spec));
        if (config.netAdminLockdown()) {
            pod.withInitContainers(NetworkLockdown.container(config));
        }
        return pod.build();
    }

    private Container container(SandboxSpec spec) {
        ContainerBuilder container = new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(config.image())
                .withImagePullPolicy(config.pullPolicy().orElse(null))
                .withCommand(RunnerScript.waiter(WAITER_TIMEOUT))
                // Not the workspace: a session's connectors begin here, and where the image's LD_LIBRARY_PATH has an
                // empty entry, as "/opt/lib:" does, they would load a program's libraries.
                .withWorkingDir("/")
                .withEnv(environment(spec))
                .withStdin(false)
                .withTty(false)
                // Kubernetes mounts a file of the node there that everybody in the container may write; nobody but root
                // gets to this one.
                .withTerminationMessagePath("/root/termination-log")
                .withNewSecurityContext()
                .withPrivileged(false)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(config.readOnlyRoot())
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withNewResources()
                .withRequests(requests(spec.limits()))
                .withLimits(limits(spec.limits()))
                .endResources();
        for (String[] mount : new String[][] {{"workspace", "/workspace"}, {"tmp", "/tmp"}, {"shm", "/dev/shm"}}) {
            container.addToVolumeMounts(new VolumeMountBuilder()
                    .withName(mount[0])
                    .withMountPath(mount[1])
                    .build());
        }
        // The node has one number of pseudo-terminals for all that run on it. With nothing there, /dev/ptmx, which is a
        // link into it, leads nowhere.
        container.addToVolumeMounts(new VolumeMountBuilder()
                .withName(NO_TERMINALS)
                .withMountPath("/dev/pts")
                .withReadOnly(true)
                .build());
        return container.build();
    }

    /** In memory: nothing of a program's is ever written to a node's disk. */
    private static List<Volume> volumes(ResourceLimits limits) {
        return List.of(
                memory("workspace", limits.workspace()),
                memory("tmp", limits.tmp()),
                memory("shm", limits.sharedMemory()),
                memory(NO_TERMINALS, 4096));
    }

    private static Volume memory(String name, long size) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(bytes(size))
                .endEmptyDir()
                .build();
    }

    /**
     * Names of variables that somebody else has put into the pod while the cluster took it, such as an admission webhook: no
     * program's business. {@link #ALL_VARIABLES} where the names are not in the pod.
     */
    static List<String> foreignVariables(Pod created, SandboxSpec spec) {
        Container container = created.getSpec().getContainers().stream()
                .filter(each -> each.getName().equals(CONTAINER))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the cluster has made a pod without our container"));
        if (!container.getEnvFrom().isEmpty()) {
            return List.of(ALL_VARIABLES);
        }
        return container.getEnv().stream()
                .map(EnvVar::getName)
                .filter(name -> !spec.environment().containsKey(name))
                .toList();
    }

    private static List<EnvVar> environment(SandboxSpec spec) {
        return new TreeMap<>(spec.environment())
                .entrySet().stream()
                        .map(entry -> new EnvVar(entry.getKey(), entry.getValue(), null))
                        .toList();
    }

    private Map<String, Quantity> limits(ResourceLimits limits) {
        Map<String, Quantity> quantities = new LinkedHashMap<>();
        if (config.resources().limitsCpu()) {
            quantities.put(
                    "cpu",
                    new Quantity(BigDecimal.valueOf(limits.cpus())
                            .stripTrailingZeros()
                            .toPlainString()));
        }
        quantities.put("memory", bytes(limits.containerMemory() + WAITER_MEMORY));
        quantities.putAll(config.resources().limits());
        return quantities;
    }

    /** Ours may be more than an operator's limit is. */
    private Map<String, Quantity> requests(ResourceLimits limits) {
        Map<String, Quantity> ceilings = limits(limits);
        Map<String, Quantity> quantities = new TreeMap<>();
        config.resources().requests().forEach((name, quantity) -> {
            Quantity ceiling = ceilings.getOrDefault(name, quantity);
            boolean tooMuch = quantity.getNumericalAmount().compareTo(ceiling.getNumericalAmount()) > 0;
            quantities.put(name, tooMuch ? ceiling : quantity);
        });
        return quantities;
    }

    private static long lifetime(SandboxSpec spec, Instant now) {
        Duration life = spec.id().isSession() ? SESSION_LIFE : Duration.between(now, spec.expiresAt());
        return Math.clamp(life.toSeconds(), 1, MAX_LIFETIME);
    }

    private static Quantity bytes(long size) {
        return new Quantity(Long.toString(size));
    }
}
