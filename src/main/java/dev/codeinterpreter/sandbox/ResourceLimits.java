package dev.codeinterpreter.sandbox;

import dev.codeinterpreter.config.Settings;

/**
 * What one sandbox may use. Sizes are in bytes.
 *
 * @param programMemory for the program itself (MEMORY_LIMIT_MB)
 * @param workspace of the memory-backed file system /workspace
 * @param tmp of the memory-backed file system /tmp
 * @param sharedMemory of /dev/shm
 * @param pids processes and threads together
 * @param cpus processors, a fraction allowed
 * @param cpuSeconds CPU time of one process of the program (CPU_TIME_LIMIT_SEC)
 * @param runnerMemory for the runner itself and the libraries that it has preloaded
 */
public record ResourceLimits(
        long programMemory,
        long workspace,
        long tmp,
        long sharedMemory,
        int pids,
        double cpus,
        int cpuSeconds,
        long runnerMemory) {

    /** Enough for multiprocessing's locks and queues; a bigger one would be a second disk. */
    private static final long SHARED_MEMORY = 16L << 20;

    /** The runner with its imports, measured at 11 MiB, and as much again for its buffers while it collects files. */
    private static final long RUNNER_MEMORY = 24L << 20;

    public static ResourceLimits from(Settings settings) {
        return new ResourceLimits(
                settings.megabytes("MEMORY_LIMIT_MB", 256, 16),
                settings.bytes("WORKSPACE_SIZE_LIMIT", "256Mi", 1L << 20),
                settings.bytes("TMP_SIZE_LIMIT", "64Mi", 1L << 20),
                SHARED_MEMORY,
                settings.integer("PIDS_LIMIT", 64, 8, 32768),
                settings.decimal("CPU_LIMIT", 1, 0.01, 1024),
                settings.integer("CPU_TIME_LIMIT_SEC", 5, 1, 86_400),
                RUNNER_MEMORY);
    }

    /** The same for a runner that needs another amount. */
    public ResourceLimits withRunnerMemory(long bytes) {
        return new ResourceLimits(programMemory, workspace, tmp, sharedMemory, pids, cpus, cpuSeconds, bytes);
    }

    /** The same with another size of /dev/shm. */
    public ResourceLimits withSharedMemory(long bytes) {
        return new ResourceLimits(programMemory, workspace, tmp, bytes, pids, cpus, cpuSeconds, runnerMemory);
    }

    /** The same with another amount for the program. */
    public ResourceLimits withProgramMemory(long bytes) {
        return new ResourceLimits(bytes, workspace, tmp, sharedMemory, pids, cpus, cpuSeconds, runnerMemory);
    }

    /**
     * The container's limit. Memory-backed file systems count towards it, so they are added: a full disk is ENOSPC for the
     * program and never the end of the runner, which still has to collect the files.
     */
    public long containerMemory() {
        return programMemory + workspace + tmp + sharedMemory + runnerMemory;
    }
}
