package dev.codeinterpreter.sandbox.docker;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@link RunArguments} as {@code docker run} reads its options. Used once. */
final class RunArgumentsParser {
    /** For the sentence about an option that is not among them. */
    static final String ACCEPTED = "--label, --env, --env-file, --add-host, --dns, --dns-search, --hostname, --ulimit,"
            + " --memory, --shm-size, --cpuset-cpus, --volume and --mount (read-only), --runtime and"
            + " --device-(read|write)-(bps|iops)";

    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,61}[A-Za-z0-9])?");
    private static final Pattern DOMAIN = Pattern.compile("\\.|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?");
    private static final Pattern PROCESSORS =
            Pattern.compile("[0-9]{1,4}(?:-[0-9]{1,4})?(?:,[0-9]{1,4}(?:-[0-9]{1,4})?)*");

    /** The least of MEMORY_LIMIT_MB. */
    private static final long MIN_MEMORY = 16L << 20;

    private static final long MIN_SHARED_MEMORY = 1L << 20;
    private static final long MAX_SIZE = 1L << 40;

    /** Bytes as JSON. The runner is sent it in one frame of at most 64 KiB, with the rest of its configuration. */
    private static final int MAX_ENVIRONMENT = 32 << 10;

    private final Deque<String> words;
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> environmentOfFiles = new LinkedHashMap<>();
    private final List<String> extraHosts = new ArrayList<>();
    private final List<String> dns = new ArrayList<>();
    private final List<String> dnsSearch = new ArrayList<>();
    private final List<RunArguments.Ulimit> ulimits = new ArrayList<>();
    private final List<DiskRate> diskRates = new ArrayList<>();
    private final List<ReadOnlyMount> mounts = new ArrayList<>();
    private Optional<String> hostname = Optional.empty();
    private Optional<String> processors = Optional.empty();
    private OptionalLong memory = OptionalLong.empty();
    private OptionalLong sharedMemory = OptionalLong.empty();
    private Optional<String> runtime = Optional.empty();

    RunArgumentsParser(String line) {
        this.words = new ArrayDeque<>(ShellWords.split(line));
    }

    RunArguments parse() {
        while (!words.isEmpty()) {
            String[] optionAndValue = words.remove().split("=", 2);
            String option = optionAndValue[0];
            RefusedOptions.check(option);
            take(option, () -> optionAndValue.length == 2 ? optionAndValue[1] : next(option));
        }
        // As docker run has it, whatever the order is.
        Map<String, String> variables = new LinkedHashMap<>(environmentOfFiles);
        variables.putAll(environment);
        checkSize(variables);
        return new RunArguments(
                Map.copyOf(labels),
                Map.copyOf(variables),
                List.copyOf(extraHosts),
                List.copyOf(dns),
                List.copyOf(dnsSearch),
                List.copyOf(ulimits),
                List.copyOf(diskRates),
                List.copyOf(mounts),
                hostname,
                processors,
                memory,
                sharedMemory,
                runtime);
    }

    private void take(String option, Supplier<String> value) {
        switch (option) {
            case "--label", "-l" -> {
                String[] label = value.get().split("=", 2);
                labels.put(label[0], label.length < 2 ? "" : label[1]);
            }
            case "--env", "-e" -> EnvironmentFile.variable(value.get(), environment);
            case "--env-file" -> EnvironmentFile.read(value.get(), environmentOfFiles);
            case "--add-host" -> extraHosts.add(value.get());
            case "--dns" -> dns.add(value.get());
            case "--dns-search" -> dnsSearch.add(matching(DOMAIN, option, value.get(), "a domain such as example.com"));
            case "--hostname", "-h" ->
                hostname = Optional.of(matching(
                        HOST_NAME, option, value.get(), "a name of at most 63 letters, digits, dots" + " and hyphens"));
            case "--ulimit" -> ulimits.add(RunArguments.Ulimit.parse(value.get()));
            case "--memory", "-m" -> memory = OptionalLong.of(size(option, value.get(), MIN_MEMORY));
            case "--shm-size" -> sharedMemory = OptionalLong.of(size(option, value.get(), MIN_SHARED_MEMORY));
            case "--cpuset-cpus" ->
                processors =
                        Optional.of(matching(PROCESSORS, option, value.get(), "a list of processors such as 0-3,5"));
            case "--volume", "-v" -> mounts.add(ReadOnlyMount.ofVolume(option, value.get()));
            case "--mount" -> mounts.add(ReadOnlyMount.ofMount(value.get()));
            case "--runtime" -> runtime = Optional.of(value.get());
            default -> {
                DiskRate.Kind kind = DiskRate.Kind.of(option)
                        .orElseThrow(() -> new IllegalArgumentException("option %s is not accepted".formatted(option)));
                diskRates.add(DiskRate.parse(kind, value.get()));
            }
        }
    }

    private String next(String option) {
        @Nullable String value = words.poll();
        if (value == null) {
            throw new IllegalArgumentException("option %s has no value".formatted(option));
        }
        return value;
    }

    private static String matching(Pattern form, String option, String value, String accepts) {
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException("%s %s is not %s".formatted(option, value, accepts));
        }
        return value;
    }

    private static long size(String option, String value, long least) {
        long bytes = ByteSize.parse(value).orElse(-1);
        if (bytes < least || bytes > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "%s %s is not a size from %dm to 1t, such as 512m".formatted(option, value, least >> 20));
        }
        return bytes;
    }

    private static void checkSize(Map<String, String> variables) {
        JsonObjectBuilder json = Json.createObjectBuilder();
        variables.forEach(json::add);
        int bytes = json.build().toString().getBytes(UTF_8).length;
        if (bytes > MAX_ENVIRONMENT) {
            throw new IllegalArgumentException(
                    "the variables of --env and --env-file have %d bytes as JSON, more than %d"
                            .formatted(bytes, MAX_ENVIRONMENT));
        }
    }
}
