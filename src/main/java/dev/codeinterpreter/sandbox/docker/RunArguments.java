package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.sandbox.ResourceLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * PYTHON_EXECUTOR_DOCKER_RUN_ARGS: the options of {@code docker run} that cannot open a hole in a sandbox. Any other
 * option stops the start, because leaving it out silently would run sandboxes that the operator believes to be different.
 *
 * @param environment of {@code --env} and {@code --env-file}
 * @param processors that a sandbox may use, such as {@code 0-3,5}
 * @param memory bytes of a program, in place of MEMORY_LIMIT_MB
 * @param sharedMemory bytes of /dev/shm
 */
record RunArguments(
        Map<String, String> labels,
        Map<String, String> environment,
        List<String> extraHosts,
        List<String> dns,
        List<String> dnsSearch,
        List<Ulimit> ulimits,
        List<DiskRate> diskRates,
        List<ReadOnlyMount> mounts,
        Optional<String> hostname,
        Optional<String> processors,
        OptionalLong memory,
        OptionalLong sharedMemory,
        Optional<String> runtime) {

    static final RunArguments NONE = parse("");

    /** A limit of {@code setrlimit}; -1 means no limit. */
    record Ulimit(String name, long soft, long hard) {
        static Ulimit parse(String text) {
            String[] nameAndValue = text.split("=", 2);
            if (nameAndValue.length < 2) {
                throw new IllegalArgumentException("--ulimit %s has no value".formatted(text));
            }
            String[] softAndHard = nameAndValue[1].split(":", 2);
            try {
                long soft = Long.parseLong(softAndHard[0]);
                return new Ulimit(
                        nameAndValue[0], soft, softAndHard.length < 2 ? soft : Long.parseLong(softAndHard[1]));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("--ulimit %s is not a number".formatted(text), e);
            }
        }
    }

    /** @throws IllegalArgumentException naming the option that is not accepted */
    static RunArguments parse(String line) {
        return new RunArgumentsParser(line).parse();
    }

    /** The limits of a sandbox, where the options have some of their own. */
    ResourceLimits limits(ResourceLimits settings) {
        return settings.withProgramMemory(memory.orElse(settings.programMemory()))
                .withSharedMemory(sharedMemory.orElse(settings.sharedMemory()));
    }
}
