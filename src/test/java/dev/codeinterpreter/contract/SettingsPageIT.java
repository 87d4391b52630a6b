package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Markdown;
import dev.codeinterpreter.harness.ServiceProcess;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds that docs/CONFIGURATION.md gives are those that the service names when it refuses to start. */
@Timeout(60)
class SettingsPageIT {
    private static final String BAD = "?";
    private static final Pattern REFUSAL = Pattern.compile(
            "(?m)^([A-Z0-9_]+) must be a (?:whole number|number|size) from (\\S+)(?: bytes)? to (\\S+?)(?: such as .*)?, not '\\?'$");
    private static final Pattern RANGE = Pattern.compile("([0-9.]+|1Mi) (?:to ([0-9.]+|1Ti)|or more)");

    @ParameterizedTest
    @ValueSource(strings = {"docker", "kubernetes"})
    void boundsAreThoseOfTheService(String backend) {
        Map<String, String> documented = documented();
        Map<String, String> environment =
                documented.keySet().stream().collect(Collectors.toMap(name -> name, name -> BAD));
        environment.put("EXECUTOR_BACKEND", backend);
        ServiceProcess.End end = ServiceProcess.startAndEnd(environment);
        assertThat(end.exitStatus()).as(end.log()).isEqualTo(2);

        Map<String, String> refused = new TreeMap<>();
        REFUSAL.matcher(end.log())
                .results()
                .forEach(match -> refused.put(match.group(1), match.group(2) + " to " + match.group(3)));
        // A backend reads its own settings only.
        String other = backend.equals("kubernetes") ? "PYTHON_EXECUTOR_DOCKER_" : "KUBERNETES_";
        documented.keySet().removeIf(name -> name.startsWith(other));
        assertThat(refused).hasSizeGreaterThan(25).isEqualTo(documented);
    }

    /** Of each setting that is a number or a size. */
    private static Map<String, String> documented() {
        Map<String, String> ranges = new TreeMap<>();
        for (List<String> row : Markdown.of("docs/CONFIGURATION.md").rows()) {
            var range = RANGE.matcher(row.size() > 2 ? row.get(2) : "");
            if (range.matches()) {
                String most = range.group(2) == null ? "1073741824" : range.group(2);
                ranges.put(row.get(0).replace("`", ""), range.group(1).replace("1Mi", "1048576") + " to " + most);
            }
        }
        return ranges;
    }
}
