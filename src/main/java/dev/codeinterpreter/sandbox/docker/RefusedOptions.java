package dev.codeinterpreter.sandbox.docker;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Options of {@code docker run} that operators know, and why a sandbox cannot have them. */
final class RefusedOptions {
    private static final Map<String, String> REASONS = new HashMap<>();

    static {
        refuse(
                "all programs would share the device, its driver and its memory, and no limit of a sandbox holds there",
                "--gpus",
                "--device",
                "--device-cgroup-rule");
        refuse("programs would have powers of root on the host", "--privileged", "--cap-add", "--group-add");
        refuse("a sandbox has the service's own profile, which allows less than the engine's", "--security-opt");
        refuse("a sandbox drops every capability, and its image is read-only, as it is", "--cap-drop", "--read-only");
        refuse(
                "a sandbox shares no namespace with the host or another container",
                "--pid",
                "--ipc",
                "--uts",
                "--userns",
                "--cgroupns");
        refuse("set PYTHON_EXECUTOR_DOCKER_NETWORK instead", "--network", "--net");
        refuse("a sandbox accepts no connections from outside", "--publish", "-p", "--publish-all", "-P", "--expose");
        refuse("set CPU_LIMIT instead", "--cpus", "--cpu-quota", "--cpu-period", "--cpu-shares", "-c");
        refuse("set PIDS_LIMIT instead", "--pids-limit");
        refuse("a sandbox has no swap", "--memory-swap", "--memory-swappiness");
        refuse("set WORKSPACE_SIZE_LIMIT and TMP_SIZE_LIMIT instead", "--tmpfs");
        refuse("it can take over what may be written to; use --volume or --mount, read-only", "--volumes-from");
        refuse("each sandbox has a user of its own, which is never root", "--user", "-u");
        refuse("set it on the engine instead, as dockerd --cgroup-parent", "--cgroup-parent");
        refuse("the service sets what a sandbox needs", "--sysctl", "--oom-score-adj", "--oom-kill-disable");
        refuse(
                "the service decides how a sandbox starts and ends",
                "--entrypoint",
                "--workdir",
                "-w",
                "--name",
                "--init",
                "--restart",
                "--rm",
                "--detach",
                "-d",
                "--interactive",
                "-i",
                "--tty",
                "-t",
                "--pull",
                "--stop-signal",
                "--health-cmd",
                "--log-driver",
                "--log-opt");
    }

    private RefusedOptions() {}

    /** @throws IllegalArgumentException naming {@code option} and the reason, when there is one */
    static void check(String option) {
        String reason = REASONS.get(option);
        if (reason != null) {
            throw new IllegalArgumentException("option %s is not accepted: %s".formatted(option, reason));
        }
    }

    private static void refuse(String reason, String... options) {
        Arrays.stream(options).forEach(option -> REASONS.put(option, reason));
    }
}
