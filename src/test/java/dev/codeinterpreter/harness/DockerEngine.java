package dev.codeinterpreter.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Containers of Docker. Requests are HTTP 1.0, so that an answer is everything up to the end of its connection. */
public final class DockerEngine implements Engine {
    private static final URI ADDRESS =
            URI.create(Objects.requireNonNullElse(System.getenv("DOCKER_HOST"), "unix:///var/run/docker.sock"));

    private final String run;
    private final String filters;
    private final URI address;

    DockerEngine(String run) {
        this(run, ADDRESS);
    }

    DockerEngine(String run, URI address) {
        this.run = run;
        this.address = address;
        this.filters =
                "{\"label\":[\"code-interpreter.component=sandbox\",\"%s=%s\"]}".formatted(ServiceProcess.LABEL, run);
    }

    /** Where a local engine listens. */
    public static String socket() {
        return ADDRESS.getPath();
    }

    /** Whether it has a socket on this machine. */
    public static boolean isLocal() {
        return "unix".equals(ADDRESS.getScheme());
    }

    static boolean answers(Path socket) {
        try {
            return ask(URI.create("unix://" + socket), "GET", "/_ping", "").equals("OK");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    @Override
    public List<String> sandboxes() {
        JsonArray containers = get("/containers/json?all=1&filters=" + URLEncoder.encode(filters, UTF_8))
                .asJsonArray();
        return containers.stream()
                .map(container -> container.asJsonObject().getString("Id"))
                .toList();
    }

    @Override
    public String awaitRunning(Duration bound) {
        JsonObject running = Await.value(
                "a running sandbox",
                bound,
                () -> sandboxes().stream()
                        .findFirst()
                        .flatMap(this::inspect)
                        .filter(container -> container.getJsonObject("State").getBoolean("Running")));
        return running.getString("Name").substring(1);
    }

    @Override
    public String settings(String sandbox) {
        return DockerSettings.text(inspect(sandbox).orElseThrow());
    }

    @Override
    public List<String> openLocks(String sandbox) {
        return DockerSettings.openLocks(inspect(sandbox).orElseThrow());
    }

    @Override
    public void kill(String id) {
        ask("POST", "/containers/%s/kill".formatted(id), "");
    }

    @Override
    public void runForeign(String name, Map<String, String> labels) {
        JsonObjectBuilder all = Json.createObjectBuilder().add(ServiceProcess.LABEL, run);
        labels.forEach(all::add);
        String body = Json.createObjectBuilder()
                .add("Image", "code-interpreter-executor:latest")
                .add("Entrypoint", Json.createArrayBuilder(List.of("sleep", "600")))
                .add("Labels", all)
                // It needs no network, and one cannot always be had: Docker looks for its bridge while others come and
                // go.
                .add("HostConfig", Json.createObjectBuilder().add("NetworkMode", "none"))
                .build()
                .toString();
        ask("POST", "/containers/create?name=" + name, body);
        ask("POST", "/containers/%s/start".formatted(name), "");
        if (!isRunning(name)) {
            throw new AssertionError(name + " does not run");
        }
    }

    @Override
    public boolean isRunning(String container) {
        return inspect(container)
                .map(known -> known.getJsonObject("State").getBoolean("Running"))
                .orElse(false);
    }

    @Override
    public long execs(String container) {
        return inspect(container)
                .map(known -> known.get("ExecIDs") instanceof JsonArray ids ? (long) ids.size() : 0L)
                .orElse(0L);
    }

    @Override
    public void remove(String container) {
        ask("DELETE", "/containers/%s?force=true".formatted(container), "");
    }

    @Override
    public long launches() {
        // A foreign container has no instance, whatever else it has.
        String events = "{\"event\":[\"create\"],"
                + filters.substring(1).replace("[\"code", "[\"code-interpreter.instance\",\"code");
        String path = "/events?since=1&until=%d&filters=%s"
                .formatted(Clock.systemUTC().instant().getEpochSecond() + 1, URLEncoder.encode(events, UTF_8));
        return ask(path).lines().count();
    }

    /** A program is a second process beside the runner. */
    @Override
    public int running() {
        return (int) sandboxes().stream()
                .map(id -> get("/containers/%s/top".formatted(id)).asJsonObject())
                // One that is about to begin or to go has null, or a message instead.
                .filter(top -> top.get("Processes") instanceof JsonArray processes && processes.size() > 1)
                .count();
    }

    /** Gives an image another name. */
    public static void tag(String image, String name) {
        ask(ADDRESS, "POST", "/images/%s/tag?repo=%s&tag=%s".formatted(image, repository(name), tag(name)), "");
    }

    /** Gives a name to a new image instead, made from a container. */
    public void changeImage(String container, String name) {
        ask(
                "POST",
                "/commit?container=%s&repo=%s&tag=%s&changes=%s"
                        .formatted(
                                container,
                                repository(name),
                                tag(name),
                                URLEncoder.encode("LABEL changed=" + name, UTF_8)),
                "");
    }

    public static void removeImage(String name) {
        ask(ADDRESS, "DELETE", "/images/%s?force=true".formatted(name), "");
    }

    private static String repository(String name) {
        return name.substring(0, name.lastIndexOf(':'));
    }

    private static String tag(String name) {
        return name.substring(name.lastIndexOf(':') + 1);
    }

    private Optional<JsonObject> inspect(String id) {
        JsonObject container = get("/containers/%s/json".formatted(id)).asJsonObject();
        // A container that has just gone is {"message": ...}.
        return container.containsKey("State") ? Optional.of(container) : Optional.empty();
    }

    private JsonStructure get(String path) {
        try (JsonReader reader = Json.createReader(new StringReader(ask(path)))) {
            return reader.read();
        }
    }

    private String ask(String path) {
        return ask("GET", path, "");
    }

    private String ask(String method, String path, String body) {
        return ask(address, method, path, body);
    }

    /** The body of the answer. */
    private static String ask(URI engine, String method, String path, String body) {
        try (SocketChannel channel = SocketChannel.open(address(engine))) {
            String request =
                    "%s %s HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                            .formatted(method, path, body.getBytes(UTF_8).length, body);
            ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
            return answer.substring(answer.indexOf("\r\n\r\n") + 4);
        } catch (IOException e) {
            throw new UncheckedIOException("asking the engine for " + path, e);
        }
    }

    private static SocketAddress address(URI engine) {
        return "unix".equals(engine.getScheme())
                ? UnixDomainSocketAddress.of(engine.getPath())
                : new InetSocketAddress(engine.getHost(), engine.getPort());
    }
}
