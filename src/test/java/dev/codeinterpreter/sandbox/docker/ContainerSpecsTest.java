package dev.codeinterpreter.sandbox.docker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.config.Settings;
import dev.codeinterpreter.sandbox.ResourceLimits;
import dev.codeinterpreter.sandbox.SandboxId;
import dev.codeinterpreter.sandbox.SandboxSpec;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerSpecsTest {
    private static final int UID = 200_123;

    /** A change of any setting has to be made twice: there, and in the file that shows the whole. */
    @Test
    void equalsTheCheckedInBody() {
        // One PCI bus stands for all of them there.
        String body = pretty(create(Map.of())).replaceAll("\\s*\"/sys/devices/pci0000:(?!00)[0-9a-f]{2}\",", "");
        assertThat(body).isEqualTo(pretty(golden()));
    }

    // What has to be true of a container before anything hostile runs in it, control by control.

    @Test
    void differsForASessionOnlyInTheLabelsThatItIsFoundBy() {
        JsonObject session = create(Map.of(), SandboxId.randomSession());
        assertThat(session.getJsonObject("Labels"))
                .isEqualTo(Json.createObjectBuilder(golden().getJsonObject("Labels"))
                        .add("code-interpreter.role", "session")
                        .build());
        assertThat(Json.createObjectBuilder(session).remove("Labels").build())
                .isEqualTo(Json.createObjectBuilder(create(Map.of()))
                        .remove("Labels")
                        .build());
    }

    @Test
    void bindsProcesses() {
        assertThat(host().getInt("PidsLimit")).isEqualTo(64);
    }

    @Test
    void bindsMemoryAndGivesNoSwap() {
        assertThat(host().getJsonNumber("Memory").longValueExact()).isPositive();
        assertThat(host().get("MemorySwap")).isEqualTo(host().get("Memory"));
    }

    @Test
    void bindsProcessors() {
        assertThat(host().getJsonNumber("NanoCpus").longValueExact()).isEqualTo(1_000_000_000L);
    }

    @Test
    void hasNoNetwork() {
        assertThat(host().getString("NetworkMode")).isEqualTo("none");
        assertThat(create(Map.of()).getBoolean("NetworkDisabled")).isTrue();
    }

    @Test
    void cannotWriteToItsImage() {
        assertThat(host().getBoolean("ReadonlyRootfs")).isTrue();
    }

    @Test
    void hasNoCapabilities() {
        assertThat(strings(host(), "CapDrop")).containsExactly("ALL");
        assertThat(strings(host(), "CapAdd")).isEmpty();
        assertThat(host().getBoolean("Privileged")).isFalse();
    }

    @Test
    void hasNothingOfTheHost() {
        assertThat(host())
                .doesNotContainKeys(
                        "Binds", "Mounts", "VolumesFrom", "Devices", "DeviceRequests", "DeviceCgroupRules", "GroupAdd");
        assertThat(create(Map.of())).doesNotContainKeys("Volumes", "ExposedPorts");
        assertThat(host()).doesNotContainKeys("PortBindings", "PublishAllPorts", "Links");
    }

    @Test
    void gainsNoPrivileges() {
        assertThat(strings(host(), "SecurityOpt")).contains("no-new-privileges:true");
    }

    @Test
    void filtersSystemCallsByAProfileOfItsOwn() {
        assertThat(strings(host(), "SecurityOpt"))
                .hasSize(2)
                .contains("seccomp={\"profile\":1}")
                .doesNotContain("seccomp=unconfined");
    }

    @Test
    void isNotRoot() {
        assertThat(create(Map.of()).getString("User")).isEqualTo("200123:200123");
    }

    @Test
    void hasNamespacesOfItsOwn() {
        assertThat(host().getString("IpcMode")).isEqualTo("private");
        assertThat(host().getString("CgroupnsMode")).isEqualTo("private");
        for (String mode : List.of("PidMode", "UTSMode", "UsernsMode")) {
            assertThat(host().getString(mode, "")).as(mode).isEmpty();
        }
    }

    @Test
    void logsNothingOnTheHost() {
        assertThat(host().getJsonObject("LogConfig").getString("Type")).isEqualTo("none");
    }

    @Test
    void carriesLabelsToBeFoundBy() {
        JsonObject labels = create(Map.of()).getJsonObject("Labels");
        assertThat(labels.getString("code-interpreter.component")).isEqualTo("sandbox");
        assertThat(labels.getString("code-interpreter.instance")).isEqualTo("instance-1");
    }

    // What else the settings are for.

    @Test
    void endsWithItsConnectionAndLeavesNothing() {
        JsonObject container = create(Map.of());
        assertThat(container.getBoolean("OpenStdin")).isTrue();
        assertThat(container.getBoolean("StdinOnce")).isTrue();
        assertThat(container.getBoolean("Tty")).isFalse();
        assertThat(host().getBoolean("AutoRemove")).isTrue();
        assertThat(host().getJsonObject("RestartPolicy").getString("Name")).isEqualTo("no");
    }

    @Test
    void hasTheRunnerAsItsFirstProcess() {
        assertThat(host().getBoolean("Init")).isFalse();
        assertThat(strings(create(Map.of()), "Entrypoint")).containsExactly("python3", "-c", "loader");
        assertThat(strings(create(Map.of()), "Cmd")).isEmpty();
    }

    @Test
    void boundsBytesAndFilesOfItsFileSystems() {
        JsonObject tmpfs = host().getJsonObject("Tmpfs");
        assertThat(tmpfs.keySet()).containsExactlyInAnyOrder("/workspace", "/tmp");
        assertThat(tmpfs.getString("/workspace").split(","))
                .contains("size=268435456", "nr_inodes=16384", "noexec", "nosuid", "nodev", "mode=0700", "uid=200123");
        assertThat(tmpfs.getString("/tmp").split(","))
                .contains("size=67108864", "nr_inodes=4096", "noexec", "nosuid", "nodev", "mode=1777");
        assertThat(host().getInt("ShmSize")).isEqualTo(16 << 20);
    }

    @Test
    void holdsAllItsFileSystemsInMemoryBesideTheProgram() {
        long fileSystems = (256L + 64 + 16) << 20;
        assertThat(host().getJsonNumber("Memory").longValueExact()).isGreaterThan(fileSystems + (256 << 20));
    }

    /** It counts across containers: one sandbox's processes would keep another from starting. */
    @Test
    void doesNotLimitProcessesByUser() {
        assertThat(host().getJsonArray("Ulimits").getValuesAs(JsonObject.class))
                .extracting(limit -> limit.getString("Name"))
                .doesNotContain("nproc")
                .contains("core", "fsize", "memlock", "msgqueue", "nofile", "sigpending");
    }

    /** Where cgroups do not count it as memory: an engine that does drops it. */
    @Test
    void bindsWhatWaitsInSockets() {
        assertThat(host().getJsonNumber("KernelMemoryTCP").longValueExact()).isEqualTo(32L << 20);
    }

    /** As much as the runner's bound counts on where no limit of the engine's is in force. */
    @Test
    void fixesTheSizesOfSocketBuffers() {
        assertThat(host().getJsonObject("Sysctls"))
                .isEqualTo(Json.createObjectBuilder()
                        .add("net.ipv4.tcp_rmem", "4096 131072 131072")
                        .add("net.ipv4.tcp_wmem", "4096 65536 131072")
                        .build());
    }

    /** The kernel has one number of pseudo-terminals for the whole host. */
    @Test
    void hasNoPseudoTerminals() {
        assertThat(strings(host(), "MaskedPaths")).contains("/dev/pts");
    }

    @Test
    void hidesNothingThatLibrariesSizeThemselvesBy() {
        assertThat(strings(host(), "MaskedPaths")).doesNotHaveDuplicates().allSatisfy(hidden -> {
            for (String needed : List.of(
                    "/proc/cpuinfo",
                    "/proc/filesystems",
                    "/proc/loadavg",
                    "/proc/meminfo",
                    "/proc/mounts",
                    "/proc/net",
                    "/proc/self",
                    "/proc/stat",
                    "/proc/sys/kernel/pid_max",
                    "/proc/sys/vm/overcommit_memory",
                    "/proc/uptime",
                    "/sys/devices/system/cpu",
                    "/sys/devices/system/node",
                    "/sys/fs/cgroup")) {
                assertThat(needed + "/").doesNotStartWith(hidden + "/");
            }
        });
    }

    @Test
    void hidesTheHost() {
        assertThat(strings(host(), "MaskedPaths"))
                .contains("/proc/kcore", "/proc/keys", "/proc/cmdline", "/proc/version", "/sys/firmware", "/sys/block");
        assertThat(strings(host(), "ReadonlyPaths")).contains("/proc/sys", "/proc/sysrq-trigger");
    }

    /** crun opens to writers what is hidden below a read-only path. */
    @Test
    void hidesNothingBelowAReadOnlyPathThatIsNotReadOnlyItself() {
        List<String> readOnly = strings(host(), "ReadonlyPaths");
        assertThat(strings(host(), "MaskedPaths"))
                .filteredOn(hidden -> readOnly.stream().anyMatch(path -> hidden.startsWith(path + "/")))
                .isNotEmpty()
                .isSubsetOf(readOnly);
    }

    // What an operator may change.

    @Test
    void followsTheSettings() {
        JsonObject host = create(Map.of(
                        "PIDS_LIMIT", "100",
                        "CPU_LIMIT", "2.5",
                        "WORKSPACE_SIZE_LIMIT", "1Mi",
                        "PYTHON_EXECUTOR_DOCKER_NETWORK", "sandboxes"))
                .getJsonObject("HostConfig");
        assertThat(host.getInt("PidsLimit")).isEqualTo(100);
        assertThat(host.getJsonNumber("NanoCpus").longValueExact()).isEqualTo(2_500_000_000L);
        assertThat(host.getJsonObject("Tmpfs").getString("/workspace")).contains("size=1048576,nr_inodes=1024,");
        assertThat(host.getString("NetworkMode")).isEqualTo("sandboxes");
    }

    @Test
    void connectsOnlyWhenANetworkIsNamed() {
        assertThat(create(Map.of("PYTHON_EXECUTOR_DOCKER_NETWORK", "sandboxes")).getBoolean("NetworkDisabled"))
                .isFalse();
    }

    /** Without a network there is no file of hosts, unless it is asked for; and then nothing of the host's network in others. */
    @Test
    void hasAFileOfHostsForTheOperatorsNames() {
        JsonObject container = withArguments("--add-host db:10.0.0.1");
        assertThat(container.getBoolean("NetworkDisabled")).isFalse();
        assertThat(container.getJsonObject("HostConfig").getString("NetworkMode"))
                .isEqualTo("none");
        assertThat(strings(container.getJsonObject("HostConfig"), "Dns")).containsExactly("127.0.0.1");
        assertThat(strings(container.getJsonObject("HostConfig"), "DnsSearch")).containsExactly(".");
        assertThat(host()).doesNotContainKeys("Dns", "DnsSearch");
    }

    @Test
    void carriesTheOperatorsArguments() {
        JsonObject container = withArguments("--label team=data -e PROXY=p --add-host db:10.0.0.1 --dns 10.0.0.2 "
                + "--ulimit nofile=100:200 --ulimit cpu=7 --runtime runsc --device-read-bps /dev/sda:1mb "
                + "--device-read-bps /dev/sdb:2mb");
        JsonObject host = container.getJsonObject("HostConfig");
        assertThat(container.getJsonObject("Labels").getString("team")).isEqualTo("data");
        assertThat(strings(container, "Env")).containsExactly("LANG=C.UTF-8", "PATH=/bin", "PROXY=p");
        assertThat(strings(host, "ExtraHosts")).containsExactly("db:10.0.0.1");
        assertThat(strings(host, "Dns")).containsExactly("10.0.0.2");
        assertThat(host.getString("Runtime")).isEqualTo("runsc");
        assertThat(host.getJsonArray("BlkioDeviceReadBps").toString())
                .isEqualTo("[{\"Path\":\"/dev/sda\",\"Rate\":1048576},{\"Path\":\"/dev/sdb\",\"Rate\":2097152}]");
        assertThat(host.getJsonArray("Ulimits"))
                .contains(ulimit("nofile", 100, 200), ulimit("cpu", 7, 7))
                .doesNotContain(ulimit("nofile", 1025, 1025));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--label code-interpreter.component=spy",
                "--label code-interpreter.instance=spy",
                "--label code-interpreter.role=session"
            })
    void keepsItsOwnLabels(String arguments) {
        assertThat(withArguments(arguments).get("Labels"))
                .isEqualTo(create(Map.of()).get("Labels"));
    }

    private static JsonObject golden() {
        try (JsonReader reader = Json.createReader(
                requireNonNull(ContainerSpecsTest.class.getResourceAsStream("container-one-shot.json")))) {
            return reader.readObject();
        }
    }

    private static JsonObject withArguments(String arguments) {
        return create(Map.of("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", arguments));
    }

    private static JsonObject host() {
        return create(Map.of()).getJsonObject("HostConfig");
    }

    private static JsonObject create(Map<String, String> variables) {
        return create(variables, SandboxId.random());
    }

    private static JsonObject create(Map<String, String> variables, SandboxId id) {
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        ContainerSpecs specs = new ContainerSpecs(DockerConfig.from(settings), "instance-1", "{\"profile\":1}");
        SandboxSpec spec = new SandboxSpec(
                id,
                "default",
                List.of("python3", "-c", "loader"),
                Map.of("PATH", "/bin", "LANG", "C.UTF-8"),
                ResourceLimits.from(settings),
                Instant.parse("2030-01-02T03:04:05.678Z"));
        settings.verify();
        return specs.create(spec, UID);
    }

    private static JsonObject ulimit(String name, long soft, long hard) {
        return Json.createObjectBuilder()
                .add("Name", name)
                .add("Soft", soft)
                .add("Hard", hard)
                .build();
    }

    private static List<String> strings(JsonObject json, String name) {
        return json.getJsonArray(name).getValuesAs(JsonString::getString);
    }

    private static String pretty(JsonObject json) {
        StringWriter text = new StringWriter();
        try (JsonWriter writer = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createWriter(text)) {
            writer.writeObject(json);
        }
        return text.toString();
    }
}
