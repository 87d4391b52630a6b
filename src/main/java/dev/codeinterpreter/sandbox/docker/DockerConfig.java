package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * @param engine where the Engine API is: {@code unix:///path} or {@code tcp://host:port} (DOCKER_HOST)
 * @param tls to an engine on a port (DOCKER_TLS_VERIFY, DOCKER_CERT_PATH)
 * @param image with a tag or a digest
 * @param network an engine's network name, {@code none} by default
 * @param pull when the image is pulled (PYTHON_EXECUTOR_DOCKER_IMAGE_PULL)
 * @param watchdog between two checks whether the image is still there; zero for none
 *     (PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC)
 * @param credentials the directory of the docker command's config.json (DOCKER_CONFIG)
 */
record DockerConfig(
        URI engine,
        Optional<EngineTls> tls,
        String image,
        String network,
        RunArguments runArguments,
        PullPolicy pull,
        Duration watchdog,
        Path credentials) {

    /** A reference as the engine reads it: host and port, path, tag, digest. */
    private static final Pattern IMAGE = Pattern.compile("(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?"
            + "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*)*"
            + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

    /** Not the network of the host or of another container: those are no networks of a sandbox's own. */
    private static final Pattern NETWORK = Pattern.compile("(?!host$)[A-Za-z0-9][A-Za-z0-9_.-]*");

    /** What docker's own client takes for an engine on a port that is not named. */
    private static final int PLAIN_PORT = 2375;

    private static final int TLS_PORT = 2376;
    private static final int NO_PORT = -1;

    public static DockerConfig from(Settings settings) {
        RunArguments arguments = RunArguments.NONE;
        try {
            arguments = RunArguments.parse(settings.text("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", ""));
        } catch (IllegalArgumentException e) {
            settings.problem("PYTHON_EXECUTOR_DOCKER_RUN_ARGS: %s; accepted are %s"
                    .formatted(e.getMessage(), RunArgumentsParser.ACCEPTED));
        }
        URI defaultEngine = URI.create("unix:///var/run/docker.sock");
        URI engine = settings.parsed(
                "DOCKER_HOST", defaultEngine, "unix:///path or tcp://host:port", DockerConfig::engineAddress);
        Optional<EngineTls> tls = tls(settings, engine);
        return new DockerConfig(
                withPort(engine, tls.isPresent() ? TLS_PORT : PLAIN_PORT),
                tls,
                settings.parsed(
                        "PYTHON_EXECUTOR_DOCKER_IMAGE",
                        "code-interpreter-executor:latest",
                        "an image name such as registry:5000/name:tag",
                        text -> withTag(Settings.matching(IMAGE, text))),
                settings.parsed(
                        "PYTHON_EXECUTOR_DOCKER_NETWORK",
                        "none",
                        "a network's name other than host",
                        text -> Settings.matching(NETWORK, text)),
                arguments,
                settings.choice("PYTHON_EXECUTOR_DOCKER_IMAGE_PULL", PullPolicy.class, PullPolicy.MISSING),
                watchdog(settings),
                settings.parsed("DOCKER_CONFIG", commandDirectory(), "a directory's path", Path::of));
    }

    /** Zero turns it off; any other value below a second is no interval that an engine should be asked in. */
    private static Duration watchdog(Settings settings) {
        String name = "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC";
        Duration interval = settings.seconds(name, 60, 0, 86_400);
        if (interval.isPositive() && interval.compareTo(Duration.ofSeconds(1)) < 0) {
            settings.problem(name + " must be 0 or a number from 1 to 86400");
        }
        return interval;
    }

    /** {@code :latest} when there is neither tag nor digest; the colon of a registry's port is not a tag. */
    static String withTag(String image) {
        String name = image.substring(image.lastIndexOf('/') + 1);
        return name.contains(":") || image.contains("@") ? image : image + ":latest";
    }

    /** As docker's own client: any value asks for TLS, and without one the path is not looked at. */
    private static Optional<EngineTls> tls(Settings settings, URI engine) {
        String directory = settings.text("DOCKER_CERT_PATH", "");
        if (settings.optionalText("DOCKER_TLS_VERIFY").isEmpty()) {
            if (!directory.isEmpty()) {
                settings.warning("DOCKER_CERT_PATH is not used without DOCKER_TLS_VERIFY");
            }
            return Optional.empty();
        }
        if (!"tcp".equals(engine.getScheme())) {
            settings.problem("DOCKER_TLS_VERIFY needs DOCKER_HOST=tcp://host:port, not %s".formatted(engine));
            return Optional.empty();
        }
        try {
            return Optional.of(EngineTls.read(directory.isEmpty() ? commandDirectory() : Path.of(directory)));
        } catch (IllegalArgumentException e) {
            settings.problem("DOCKER_CERT_PATH must be a directory with ca.pem, cert.pem and key.pem: %s"
                    .formatted(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Where the docker command has its files, unless a variable says otherwise. */
    private static Path commandDirectory() {
        return Path.of(System.getProperty("user.home", "/"), ".docker");
    }

    /** {@code engine} itself when it has one, or needs none. */
    private static URI withPort(URI engine, int port) {
        return "tcp".equals(engine.getScheme()) && engine.getPort() == NO_PORT
                ? URI.create("tcp://%s:%d".formatted(engine.getHost(), port))
                : engine;
    }

    private static URI engineAddress(String text) {
        URI uri = URI.create(text);
        boolean unix = "unix".equals(uri.getScheme())
                && uri.getPath() != null
                && uri.getPath().startsWith("/");
        boolean tcp = "tcp".equals(uri.getScheme())
                && uri.getHost() != null
                && (uri.getPort() == NO_PORT || (uri.getPort() > 0 && uri.getPort() <= 65_535))
                && uri.getAuthority().equals(uri.getHost() + (uri.getPort() == NO_PORT ? "" : ":" + uri.getPort()))
                && uri.getPath().isEmpty();
        if (!unix && !tcp) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }
}
