package dev.codeinterpreter.sandbox.docker;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What of /proc, /sys and /dev a sandbox does not have, as one table with a reason for each group.
 *
 * <p>The engine covers a directory with an empty one and a file with /dev/null, and skips what its kernel does not have.
 * Readable on purpose stay {@code /proc/cpuinfo}, {@code filesystems}, {@code loadavg}, {@code meminfo}, {@code stat} and
 * {@code uptime}, the tables of processes, most of {@code /proc/sys}, {@code /sys/devices/system/cpu} and {@code node},
 * and {@code /sys/fs/cgroup}: the C library, OpenBLAS, psutil and thread pools size themselves by them.
 *
 * <p>A list of names is no wall: it hides what kernels are known to have. A path that appears while a sandbox runs, as that
 * of a module that is loaded then, is not covered in it.
 */
final class HiddenPaths {
    private record Group(String reason, List<String> paths) {
        Group(String reason, String... paths) {
            this(reason, List.of(paths));
        }
    }

    private static final List<Group> TABLE = List.of(
            new Group(
                    "the engine's own list, which naming any replaces: memory, keys, timers and disks of the host",
                    "/proc/asound",
                    "/proc/acpi",
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/timer_list",
                    "/proc/timer_stats",
                    "/proc/sched_debug",
                    "/proc/scsi",
                    "/sys/firmware"),
            new Group(
                    "which kernel the host has, how it was built and booted",
                    "/proc/bootconfig",
                    "/proc/cmdline",
                    "/proc/config.gz",
                    "/proc/crypto",
                    "/proc/execdomains",
                    "/proc/kallsyms",
                    "/proc/modules",
                    "/proc/version",
                    "/proc/version_signature",
                    "/proc/sys/kernel/bootloader_type",
                    "/proc/sys/kernel/bootloader_version",
                    "/proc/sys/kernel/tainted",
                    "/sys/hypervisor",
                    "/sys/kernel",
                    "/sys/module",
                    "/sys/power"),
            new Group(
                    "which machine it is, the same in every sandbox on it",
                    "/proc/sys/kernel/random/boot_id",
                    "/proc/sys/kernel/core_pattern",
                    "/proc/sys/kernel/firmware_config",
                    "/proc/sys/kernel/modprobe",
                    "/proc/sys/kernel/poweroff_cmd",
                    "/proc/sys/kernel/usermodehelper"),
            new Group(
                    "what others on the host do, as counters: load, disks, memory, locks, interrupts, keys, terminals",
                    "/proc/allocinfo",
                    "/proc/buddyinfo",
                    "/proc/cgroups",
                    "/proc/diskstats",
                    "/proc/interrupts",
                    "/proc/key-users",
                    "/proc/locks",
                    "/proc/pagetypeinfo",
                    "/proc/pressure",
                    "/proc/schedstat",
                    "/proc/slabinfo",
                    "/proc/softirqs",
                    "/proc/swaps",
                    "/proc/vmallocinfo",
                    "/proc/vmstat",
                    "/proc/zoneinfo",
                    "/proc/sys/fs/aio-nr",
                    "/proc/sys/fs/dentry-state",
                    "/proc/sys/fs/file-nr",
                    "/proc/sys/fs/inode-nr",
                    "/proc/sys/fs/inode-state",
                    "/proc/sys/fs/quota",
                    "/proc/sys/kernel/keys",
                    "/proc/sys/kernel/pty"),
            new Group(
                    "devices, buses and file systems of the host",
                    "/proc/bus",
                    "/proc/consoles",
                    "/proc/devices",
                    "/proc/dma",
                    "/proc/driver",
                    "/proc/fb",
                    "/proc/fs",
                    "/proc/iomem",
                    "/proc/ioports",
                    "/proc/irq",
                    "/proc/mdstat",
                    "/proc/misc",
                    "/proc/mtrr",
                    "/proc/partitions",
                    "/proc/sys/dev",
                    "/proc/sys/fs/binfmt_misc",
                    "/proc/sys/fs/xfs",
                    "/proc/tty",
                    "/proc/xen",
                    "/sys/block",
                    "/sys/bus",
                    "/sys/class",
                    "/sys/dev",
                    "/sys/fs/bcachefs",
                    "/sys/fs/bpf",
                    "/sys/fs/btrfs",
                    "/sys/fs/erofs",
                    "/sys/fs/ext4",
                    "/sys/fs/f2fs",
                    "/sys/fs/fuse",
                    "/sys/fs/pstore",
                    "/sys/fs/resctrl",
                    "/sys/fs/selinux",
                    "/sys/fs/tmpfs",
                    "/sys/fs/xfs"),
            new Group(
                    "what /sys/devices has beside the processors; the buses of the PCI are added",
                    Stream.of(
                                    "ACPI0004:00",
                                    "LNXSYBUS:00",
                                    "LNXSYSTM:00",
                                    "breakpoint",
                                    "cpu",
                                    "cpu_atom",
                                    "cpu_core",
                                    "faux",
                                    "ibs_fetch",
                                    "ibs_op",
                                    "intel_pt",
                                    "isa",
                                    "kprobe",
                                    "msr",
                                    "platform",
                                    "pnp0",
                                    "power",
                                    "rbd",
                                    "software",
                                    "tracepoint",
                                    "uprobe",
                                    "virtual",
                                    "system/clockevents",
                                    "system/clocksource",
                                    "system/container",
                                    "system/edac",
                                    "system/machinecheck",
                                    "system/memory")
                            .map("/sys/devices/"::concat)
                            .toList()),
            new Group(
                    "pseudo-terminals: the kernel has one number of them for the whole host. Without this directory"
                            + " /dev/ptmx, a link into it, leads nowhere",
                    "/dev/pts"));

    private HiddenPaths() {}

    /** @return absolute paths, each once */
    static List<String> all() {
        // A machine has one for each of its sockets or more, at any number.
        Stream<String> pci = IntStream.range(0, 256).mapToObj("/sys/devices/pci0000:%02x"::formatted);
        Stream<String> named = TABLE.stream().flatMap(group -> group.paths().stream());
        return Stream.concat(pci, named).toList();
    }
}
