package dev.codeinterpreter.sandbox.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/**
 * KUBERNETES_EXECUTOR_NET_ADMIN_LOCKDOWN: a container that takes the pod's network interfaces down and ends, before anything
 * else runs in the pod. It needs root and NET_ADMIN, which Pod Security "restricted" refuses; the runner's own filter does the
 * same without, so this is for those who want both.
 */
final class NetworkLockdown {
    private static final String SCRIPT = """
            import fcntl, socket, struct
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for _, name in socket.if_nameindex():
                    if name != "lo":
                        request = struct.pack("16sh14x", name.encode(), 0)
                        flags = struct.unpack("16sh14x", fcntl.ioctl(s, 0x8913, request))[1]
                        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", name.encode(), flags & ~1))
            """;

    private NetworkLockdown() {}

    static Container container(KubernetesConfig config) {
        Map<String, Quantity> resources = Map.of("cpu", new Quantity("100m"), "memory", new Quantity("64Mi"));
        return new ContainerBuilder()
                .withName("network-lockdown")
                .withImage(config.image())
                .withImagePullPolicy(config.pullPolicy().orElse(null))
                .withCommand("python3", "-I", "-S", "-c", SCRIPT)
                .withNewSecurityContext()
                .withRunAsNonRoot(false)
                .withRunAsUser(0L)
                .withRunAsGroup(0L)
                .withPrivileged(false)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd("NET_ADMIN")
                .endCapabilities()
                .endSecurityContext()
                .withNewResources()
                .withRequests(resources)
                .withLimits(resources)
                .endResources()
                .build();
    }
}
