package dev.codeinterpreter.sandbox.docker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PYTHON_EXECUTOR_DOCKER_RUN_ARGS: the options of {@code docker run} that cannot open a hole in a sandbox. Any other
 * option stops the start, because leaving it out silently would run sandboxes that the operator believes to be different.
 */
record RunArguments(
        Map<String, String> labels,
        Map<String, String> environment,
        List<String> extraHosts,
        List<String> dns,
        List<Ulimit> ulimits,
        List<DiskRate> diskRates,
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
        Map<String, String> labels = new LinkedHashMap<>();
        Map<String, String> environment = new LinkedHashMap<>();
        List<String> extraHosts = new ArrayList<>();
        List<String> dns = new ArrayList<>();
        List<Ulimit> ulimits = new ArrayList<>();
        List<DiskRate> diskRates = new ArrayList<>();
        Optional<String> runtime = Optional.empty();

        Deque<String> words = new ArrayDeque<>(ShellWords.split(line));
        while (!words.isEmpty()) {
            String word = words.remove();
            String[] optionAndValue = word.split("=", 2);
            String option = optionAndValue[0];
            switch (option) {
                case "--label", "-l" -> {
                    String[] label = value(optionAndValue, words).split("=", 2);
                    labels.put(label[0], label.length < 2 ? "" : label[1]);
                }
                case "--env", "-e" -> {
                    String[] variable = value(optionAndValue, words).split("=", 2);
                    // A name alone takes the value from our own environment, as docker run does.
                    String value = variable.length == 2 ? variable[1] : System.getenv(variable[0]);
                    if (value != null) {
                        environment.put(variable[0], value);
                    }
                }
                case "--add-host" -> extraHosts.add(value(optionAndValue, words));
                case "--dns" -> dns.add(value(optionAndValue, words));
                case "--ulimit" -> ulimits.add(Ulimit.parse(value(optionAndValue, words)));
                case "--runtime" -> runtime = Optional.of(value(optionAndValue, words));
                default -> {
                    DiskRate.Kind kind = DiskRate.Kind.of(option)
                            .orElseThrow(
                                    () -> new IllegalArgumentException("option %s is not accepted".formatted(option)));
                    diskRates.add(DiskRate.parse(kind, value(optionAndValue, words)));
                }
            }
        }
        return new RunArguments(
                Map.copyOf(labels),
                Map.copyOf(environment),
                List.copyOf(extraHosts),
                List.copyOf(dns),
                List.copyOf(ulimits),
                List.copyOf(diskRates),
                runtime);
    }

    private static String value(String[] optionAndValue, Deque<String> words) {
        if (optionAndValue.length == 2) {
            return optionAndValue[1];
        }
        if (words.isEmpty()) {
            throw new IllegalArgumentException("option %s has no value".formatted(optionAndValue[0]));
        }
        return words.remove();
    }
}
