package dev.codeinterpreter.launch;

import java.util.Map;
import java.util.TreeMap;

/**
 * The environment variables that a program sees beside those of its image: these, and what the operator adds. They hold
 * instead of the image's. PATH is the image's, for that is where its {@code python3} is with its packages.
 */
final class ProgramEnvironment {
    private ProgramEnvironment() {}

    static Map<String, String> with(Map<String, String> operators, double cpus) {
        // Libraries size their thread pools by the host's processors, which a sandbox sees but may not use.
        String threads = Integer.toString(Math.max(1, (int) Math.ceil(cpus)));
        Map<String, String> environment = new TreeMap<>(Map.of(
                "HOME", "/tmp",
                // Whatever uid the sandbox has: what asks for its user's name asks the environment first.
                "USER", "sandbox",
                "LOGNAME", "sandbox",
                "LANG", "C.UTF-8",
                "TZ", "UTC",
                "PYTHONUNBUFFERED", "1",
                "PYTHONDONTWRITEBYTECODE", "1",
                "PYTHONIOENCODING", "utf-8",
                "MPLCONFIGDIR", "/tmp/matplotlib"));
        for (String library : new String[] {"OMP", "OPENBLAS", "MKL", "NUMEXPR"}) {
            environment.put(library + "_NUM_THREADS", threads);
        }
        environment.putAll(operators);
        return environment;
    }
}
