package dev.codeinterpreter.launch;

import java.util.Map;
import java.util.TreeMap;

/** The environment variables that a program sees: these, what the operator adds, and nothing else. */
final class ProgramEnvironment {
    private ProgramEnvironment() {}

    static Map<String, String> with(Map<String, String> operators, double cpus) {
        // Libraries size their thread pools by the host's processors, which a sandbox sees but may not use.
        String threads = Integer.toString(Math.max(1, (int) Math.ceil(cpus)));
        Map<String, String> environment = new TreeMap<>(Map.of(
                "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
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
