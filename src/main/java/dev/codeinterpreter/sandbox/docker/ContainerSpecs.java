package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.json.Json;
import dev.codeinterpreter.sandbox.ProgramConfinement;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxLabels;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The pure half: from what we want to the body of {@code POST /containers/create}. Every setting has its reason. */
final class ContainerSpecs {
    private static final List<String> HIDDEN = HiddenPaths.all();

    /**
     * With what is hidden below them: crun mounts /proc/sys once more to make it read-only, and that opened the empty
     * directories in it to writers. They are without a size; a program wrote 256 MB into one.
     */
    private static final List<String> READ_ONLY =
            withHiddenBelow(List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"));

    /**
     * Bytes in TCP and UDP sockets, beside the container's memory. Cgroups of version 1 count them only where this is set;
     * those of version 2 count them as memory, and the engine drops it. What runs containers may ignore it, as runc does
     * since 1.0: then the runner bounds the number of its program's sockets by the size of their buffers.
     */
    private static final long SOCKET_MEMORY = 32L << 20;

    /**
     * Smallest, first and largest bytes of a TCP socket's buffers, of IPv6 as well. The kernel's own are 6 MB and 4 MB, on a
     * loopback to no use: two times the 64 KB of its packets is as fast. The runner's bound is 128 MB by these two.
     */
    private static final Map<String, String> SOCKET_BUFFERS =
            Map.of("net.ipv4.tcp_rmem", "4096 131072 131072", "net.ipv4.tcp_wmem", "4096 65536 131072");

    /**
     * Open files of one process: one more than the runner leaves a program, for the descriptor on which it shows things. That
     * is the soft limit that a login on Linux gives, which programs are written against.
     */
    private static final int OPEN_FILES = 1025;

    private final DockerConfig config;
    private final String instance;
    private final String seccompProfile;

    ContainerSpecs(DockerConfig config, String instance, String seccompProfile) {
        this.config = config;
        this.instance = instance;
        this.seccompProfile = seccompProfile;
    }

    /** @param uid of the container's only user; also its group */
    JsonObject create(SandboxSpec spec, int uid) {
        return Json.createObjectBuilder()
                .add("Image", config.image())
                // Never root, and never the same uid twice: kernel quotas such as inotify instances are per uid across
                // containers, so a shared one would let a hostile program starve its neighbours.
                .add("User", SandboxUids.user(uid))
                .add("WorkingDir", "/workspace")
                .add("Entrypoint", strings(spec.command()))
                .add("Cmd", strings(List.of()))
                .add("Env", strings(environment(spec)))
                .add("Hostname", config.runArguments().hostname().orElse("sandbox"))
                .add("Healthcheck", Json.createObjectBuilder().add("Test", strings(List.of("NONE"))))
                .add("Tty", false)
                .add("AttachStdin", true)
                .add("AttachStdout", true)
                .add("AttachStderr", true)
                .add("OpenStdin", true)
                // The end of our connection is the end of the container's input, and that ends the container.
                .add("StdinOnce", true)
                .add("StopSignal", "SIGKILL")
                .add("StopTimeout", 1)
                .add("NetworkDisabled", isNetworkDisabled())
                .add("Labels", labels(spec))
                .add("HostConfig", hostConfig(spec.limits(), uid))
                .build();
    }

    private JsonObjectBuilder hostConfig(ResourceLimits limits, int uid) {
        JsonObjectBuilder host = Json.createObjectBuilder()
                .add("AutoRemove", true)
                .add("RestartPolicy", Json.createObjectBuilder().add("Name", "no"))
                .add("NetworkMode", config.network())
                // Private, not "none": without /dev/shm the locks of multiprocessing do not work.
                .add("IpcMode", "private")
                .add("CgroupnsMode", "private")
                .add("Privileged", false)
                .add("CapDrop", strings(List.of("ALL")))
                .add("CapAdd", strings(List.of()))
                .add("SecurityOpt", strings(List.of("no-new-privileges:true", "seccomp=" + seccompProfile)))
                .add("ReadonlyRootfs", true)
                .add("Tmpfs", tmpfs(limits, uid))
                .add("ShmSize", limits.sharedMemory())
                // Equal: no swap.
                .add("Memory", limits.containerMemory())
                .add("MemorySwap", limits.containerMemory())
                .add("KernelMemoryTCP", SOCKET_MEMORY)
                .add("Sysctls", sysctls())
                // The host in need kills sandboxes before the service and the engine.
                .add("OomScoreAdj", 500)
                .add("PidsLimit", limits.pids())
                .add("NanoCpus", Math.round(limits.cpus() * 1e9))
                .add("CpuShares", 128)
                .add("Ulimits", ulimits(limits))
                .add("MaskedPaths", strings(HIDDEN))
                .add("ReadonlyPaths", strings(READ_ONLY))
                // What the main process prints would otherwise grow a file on the host without bound.
                .add("LogConfig", Json.createObjectBuilder().add("Type", "none"))
                // The runner is process 1: it cannot be killed from inside, and it reaps.
                .add("Init", false);
        if (!config.runArguments().extraHosts().isEmpty()) {
            host.add("ExtraHosts", strings(config.runArguments().extraHosts()));
        }
        names(host);
        if (!config.runArguments().mounts().isEmpty()) {
            JsonArrayBuilder mounts = Json.createArrayBuilder();
            config.runArguments().mounts().forEach(mount -> mounts.add(mount.json()));
            host.add("Mounts", mounts);
        }
        diskRates(host);
        config.runArguments().processors().ifPresent(processors -> host.add("CpusetCpus", processors));
        config.runArguments().runtime().ifPresent(runtime -> host.add("Runtime", runtime));
        return host;
    }

    private static List<String> withHiddenBelow(List<String> paths) {
        Stream<String> below =
                HIDDEN.stream().filter(hidden -> paths.stream().anyMatch(path -> hidden.startsWith(path + "/")));
        return Stream.concat(paths.stream(), below).toList();
    }

    private boolean hasNoNetwork() {
        return config.network().equals("none");
    }

    /**
     * The engine sets no network up, not even an empty one: for that it starts itself once more within each launch, which
     * takes 90 ms. Only then, though, does it write /etc/hosts, so it has to where the operator has names for that file.
     */
    private boolean isNetworkDisabled() {
        return hasNoNetwork() && config.runArguments().extraHosts().isEmpty();
    }

    private void names(JsonObjectBuilder host) {
        List<String> servers = config.runArguments().dns();
        List<String> domains = config.runArguments().dnsSearch();
        if (hasNoNetwork() && !isNetworkDisabled()) {
            // Else the engine copies what the host's own /etc/resolv.conf says: its name servers, and the names of its
            // network.
            domains = domains.isEmpty() ? List.of(".") : domains;
            servers = servers.isEmpty() ? List.of("127.0.0.1") : servers;
        }
        if (!domains.isEmpty()) {
            host.add("DnsSearch", strings(domains));
        }
        if (!servers.isEmpty()) {
            host.add("Dns", strings(servers));
        }
    }

    private void diskRates(JsonObjectBuilder host) {
        Map<String, JsonArrayBuilder> fields = new TreeMap<>();
        for (DiskRate rate : config.runArguments().diskRates()) {
            fields.computeIfAbsent(rate.kind().field(), _ -> Json.createArrayBuilder())
                    .add(rate.json());
        }
        fields.forEach(host::add);
    }

    private static JsonObjectBuilder sysctls() {
        JsonObjectBuilder sysctls = Json.createObjectBuilder();
        new TreeMap<>(SOCKET_BUFFERS).forEach(sysctls::add);
        return sysctls;
    }

    private static JsonObjectBuilder tmpfs(ResourceLimits limits, int uid) {
        // The number of files is bounded too: an inode costs about a kilobyte of kernel memory.
        String workspace = "rw,noexec,nosuid,nodev,size=%d,nr_inodes=%d,mode=0700,uid=%d,gid=%d"
                .formatted(limits.workspace(), inodes(limits.workspace()), uid, uid);
        String tmp =
                "rw,noexec,nosuid,nodev,size=%d,nr_inodes=%d,mode=1777".formatted(limits.tmp(), inodes(limits.tmp()));
        return Json.createObjectBuilder().add("/workspace", workspace).add("/tmp", tmp);
    }

    private static long inodes(long bytes) {
        return Math.max(1024, bytes / (16 << 10));
    }

    /** No limit of processes per uid here: it counts across containers. */
    private JsonArrayBuilder ulimits(ResourceLimits limits) {
        Map<String, RunArguments.Ulimit> ulimits = new TreeMap<>();
        long fileSize = Math.max(limits.workspace(), limits.tmp());
        Map<String, Long> ours = new TreeMap<>(ProgramConfinement.ULIMITS);
        ours.put("fsize", fileSize);
        ours.put("nofile", (long) OPEN_FILES);
        ours.forEach((name, value) -> ulimits.put(name, new RunArguments.Ulimit(name, value, value)));
        config.runArguments().ulimits().forEach(operators -> ulimits.put(operators.name(), operators));
        JsonArrayBuilder array = Json.createArrayBuilder();
        ulimits.values()
                .forEach(limit -> array.add(Json.createObjectBuilder()
                        .add("Name", limit.name())
                        .add("Soft", limit.soft())
                        .add("Hard", limit.hard())));
        return array;
    }

    private JsonObjectBuilder labels(SandboxSpec spec) {
        JsonObjectBuilder labels = Json.createObjectBuilder();
        config.runArguments().labels().forEach(labels::add);
        // Ours last: an operator's label cannot hide a sandbox from the reaper.
        SandboxLabels.of(spec, instance).forEach(labels::add);
        return labels.add(SandboxLabels.EXPIRES_AT, SandboxLabels.expiry(spec.expiresAt()));
    }

    private List<String> environment(SandboxSpec spec) {
        Map<String, String> environment = new TreeMap<>(spec.environment());
        environment.putAll(config.runArguments().environment());
        List<String> lines = new ArrayList<>();
        environment.forEach((name, value) -> lines.add(name + "=" + value));
        return lines;
    }

    private static JsonArrayBuilder strings(Collection<String> values) {
        return Json.createArrayBuilder(values);
    }
}
