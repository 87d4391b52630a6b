package dev.codeinterpreter.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Session;
import io.fabric8.kubernetes.api.model.Service;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a program in a sandbox reaches: nothing, also on a cluster whose network enforces no policy. An ordinary pod tries
 * the same targets, so that it is known what there is to reach; a pod that listens counts who comes.
 */
@Timeout(240)
class SandboxNetworkClusterIT {
    private static final String NO_SOCKET = "no socket: EAFNOSUPPORT";

    private static final String LISTENER = """
            import socket, threading
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("0.0.0.0", 53))
            def datagrams():
                while True:
                    udp.recvfrom(100)
                    print("datagram\\n", end="", flush=True)
            threading.Thread(target=datagrams, daemon=True).start()
            tcp = socket.create_server(("0.0.0.0", 53))
            print("listening", flush=True)
            while True:
                tcp.accept()[0].close()
                print("connection\\n", end="", flush=True)
            """;

    /** @param port 0 for an address that a test must not call, whatever happens: it is not asked for more than a socket */
    private record Target(String name, String protocol, String address, int port) {}

    private static InstalledChart chart;
    private static ClientPod listener;
    private static List<Target> targets;
    private static String script;

    @BeforeAll
    static void install() {
        chart = InstalledChart.with(Map.of("configMap.create", true, "configMap.data.WARM_POOL_SIZE", 1));
        listener = ClientPod.run(chart, "listener", LISTENER);
        listener.awaitLine("listening");
        targets = targets();
        JsonArrayBuilder json = Json.createArrayBuilder();
        targets.forEach(target -> json.add(Json.createArrayBuilder()
                .add(target.name())
                .add(target.protocol())
                .add(target.address())
                .add(target.port())));
        script = ClientPod.script("reach.py").replace("\"\"\"TARGETS\"\"\"", "r\"\"\"" + json.build() + "\"\"\"");
    }

    @AfterAll
    static void remove() {
        chart.close();
    }

    private static List<Target> targets() {
        Service api = chart.cluster()
                .services()
                .inNamespace("default")
                .withName("kubernetes")
                .get();
        URI server = chart.cluster().getMasterUrl() == null
                ? URI.create("https://localhost")
                : URI.create(chart.cluster().getMasterUrl().toString());
        String node = chart.cluster().nodes().list().getItems().getFirst().getStatus().getAddresses().stream()
                .filter(address -> address.getType().equals("InternalIP"))
                .findFirst()
                .orElseThrow()
                .getAddress();
        Service own = chart.cluster()
                .services()
                .inNamespace(chart.namespace())
                .withName(InstalledChart.NAME)
                .get();
        return List.of(
                new Target("the API's Service", "tcp", api.getSpec().getClusterIP(), 443),
                new Target("the API server", "tcp", server.getHost(), server.getPort()),
                new Target("the node's kubelet", "tcp", node, 10250),
                new Target(
                        "the service's pod",
                        "tcp",
                        chart.replicas().getFirst().getStatus().getPodIP(),
                        8000),
                new Target("our Service", "tcp", own.getSpec().getClusterIP(), 8000),
                new Target("another pod", "tcp", listener.address(), 53),
                new Target("a name server in a pod", "udp", listener.address(), 53),
                new Target("cloud metadata", "tcp", "169.254.169.254", 0));
    }

    @Test
    void isNothing() {
        JsonObject control = parse(ClientPod.run(chart, "control", script).result());
        for (Target target : targets) {
            assertThat(control.getString(target.name()))
                    .as("an ordinary pod and %s", target.name())
                    .isEqualTo(target.port() == 0 ? "a socket" : "reached");
        }
        assertThat(control.getString("credentials")).isEqualTo("reached");
        List<String> heard = listener.log().lines().toList();
        assertThat(heard).contains("connection", "datagram");

        Api api = chart.api();
        assertLockedIn("a program", api.run(Program.of(script).timeoutMs(30000)).stdout());
        try (Session session = Session.begin(api)) {
            assertLockedIn("a session's Python", session.python(script).stdout());
            assertThat(session.write("reach.py", script.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            .status())
                    .isEqualTo(204);
            assertLockedIn("a command's child", session.bash("python3 reach.py").stdout());
            for (Target target :
                    targets.stream().filter(each -> each.port() != 0).toList()) {
                String device = "/dev/%s/%s/%d".formatted(target.protocol(), target.address(), target.port());
                assertThat(session.bash("exec 3<> " + device).exited(0))
                        .as("bash and %s", target.name())
                        .isFalse();
            }
        }
        assertThat(listener.log().lines().toList())
                .as("what the listener heard besides")
                .isEqualTo(heard);
    }

    private static void assertLockedIn(String who, String output) {
        JsonObject found = parse(output);
        for (Target target : targets) {
            assertThat(found.getString(target.name()))
                    .as("%s and %s", who, target.name())
                    .isEqualTo(NO_SOCKET);
        }
        assertThat(found.getString("a name")).as(who).isEqualTo("no name");
        assertThat(found.getString("listening")).as(who).isEqualTo(NO_SOCKET);
        assertThat(found.getString("other families")).as(who).isEqualTo("no socket");
        assertThat(found.getString("credentials")).as(who).isEqualTo("none");
        assertThat(found.getString("environment")).as(who).isEqualTo("none");
    }

    private static JsonObject parse(String json) {
        return Json.createReader(new StringReader(json)).readObject();
    }
}
