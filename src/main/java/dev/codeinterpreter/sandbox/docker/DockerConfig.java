package dev.codeinterpreter.sandbox.docker;

import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.util.regex.Pattern;

/**
 * @param engine where the Engine API is: {@code unix:///path} or {@code tcp://host:port} (DOCKER_HOST)
 * @param image with a tag or a digest
 * @param network an engine's network name, {@code none} by default
 */
public record DockerConfig(URI engine, String image, String network, RunArguments runArguments) {

    /** A reference as the engine reads it: host and port, path, tag, digest. */
    private static final Pattern IMAGE = Pattern.compile("(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]+)?/)?"
            + "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*)*"
            + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

    /** Not the network of the host or of another container: those are no networks of a sandbox's own. */
    private static final Pattern NETWORK = Pattern.compile("(?!host$)[A-Za-z0-9][A-Za-z0-9_.-]*");

    public static DockerConfig from(Settings settings) {
        RunArguments arguments = RunArguments.NONE;
        try {
            arguments = RunArguments.parse(settings.text("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", ""));
        } catch (IllegalArgumentException e) {
            settings.problem("PYTHON_EXECUTOR_DOCKER_RUN_ARGS: %s; accepted are %s"
                    .formatted(
                            String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", "?"), RunArgumentsParser.ACCEPTED));
        }
        URI defaultEngine = URI.create("unix:///var/run/docker.sock");
        URI engine = settings.parsed(
                "DOCKER_HOST", defaultEngine, "unix:///path or tcp://host:port", DockerConfig::engineAddress);
        if (settings.optionalText("DOCKER_TLS_VERIFY").isPresent()) {
            settings.problem("DOCKER_TLS_VERIFY is not supported: use a unix socket, or a proxy that speaks TLS");
        }
        return new DockerConfig(
                engine,
                settings.parsed(
                        "PYTHON_EXECUTOR_DOCKER_IMAGE",
                        "code-interpreter-executor:latest",
                        "an image name such as registry:5000/name:tag",
                        text -> withTag(matching(IMAGE, text))),
                settings.parsed(
                        "PYTHON_EXECUTOR_DOCKER_NETWORK",
                        "none",
                        "a network's name other than host",
                        text -> matching(NETWORK, text)),
                arguments);
    }

    /** {@code :latest} when there is neither tag nor digest; the colon of a registry's port is not a tag. */
    static String withTag(String image) {
        String name = image.substring(image.lastIndexOf('/') + 1);
        return name.contains(":") || image.contains("@") ? image : image + ":latest";
    }

    private static String matching(Pattern form, String text) {
        if (!form.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    private static URI engineAddress(String text) {
        URI uri = URI.create(text);
        boolean unix = "unix".equals(uri.getScheme())
                && uri.getPath() != null
                && uri.getPath().startsWith("/");
        boolean tcp = "tcp".equals(uri.getScheme())
                && uri.getHost() != null
                && uri.getPort() > 0
                && uri.getPort() <= 65_535
                && uri.getPath().isEmpty();
        if (!unix && !tcp) {
            throw new IllegalArgumentException(text);
        }
        return uri;
    }
}
