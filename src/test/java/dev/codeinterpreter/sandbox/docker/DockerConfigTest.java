package dev.codeinterpreter.sandbox.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.codeinterpreter.config.InvalidSettingsException;
import dev.codeinterpreter.config.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {

    @Test
    void hasDefaults() {
        assertThat(config(Map.of()))
                .isEqualTo(new DockerConfig(
                        URI.create("unix:///var/run/docker.sock"),
                        Optional.empty(),
                        "code-interpreter-executor:latest",
                        "none",
                        RunArguments.NONE,
                        PullPolicy.MISSING,
                        Duration.ofMinutes(1),
                        Path.of(System.getProperty("user.home"), ".docker")));
    }

    @Test
    void readsEveryVariable() {
        assertThat(config(Map.of(
                        "DOCKER_HOST", "tcp://engine:2375",
                        "PYTHON_EXECUTOR_DOCKER_IMAGE", "example.org/executor:3",
                        "PYTHON_EXECUTOR_DOCKER_NETWORK", "sandboxes",
                        "PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--runtime runsc",
                        "PYTHON_EXECUTOR_DOCKER_IMAGE_PULL", "Always",
                        "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC", "0",
                        "DOCKER_CONFIG", "/etc/docker-login",
                        "PYTHON_EXECUTOR_DOCKER_BIN", "/usr/bin/docker")))
                .isEqualTo(new DockerConfig(
                        URI.create("tcp://engine:2375"),
                        Optional.empty(),
                        "example.org/executor:3",
                        "sandboxes",
                        RunArguments.parse("--runtime runsc"),
                        PullPolicy.ALWAYS,
                        Duration.ZERO,
                        Path.of("/etc/docker-login")));
    }

    @ParameterizedTest
    @CsvSource({
        "name,name:latest",
        "name:1,name:1",
        "owner/name,owner/name:latest",
        "owner/name:1.2-slim_3,owner/name:1.2-slim_3",
        "registry:5000/name,registry:5000/name:latest",
        "registry:5000/owner/name,registry:5000/owner/name:latest",
        "registry:5000/name:1,registry:5000/name:1",
        "name@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,name@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "name:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,name:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "registry:5000/name@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,registry:5000/name@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    })
    void completesAnImageWithoutTagOrDigest(String given, String image) {
        assertThat(config(Map.of("PYTHON_EXECUTOR_DOCKER_IMAGE", given)).image())
                .isEqualTo(image);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PYTHON_EXECUTOR_DOCKER_IMAGE_PULL|sometimes|one of [missing, always, never]",
                "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC|-1|a number from 0 to 86400",
                "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC|often|a number from 0 to 86400"
            })
    void refusesWhatIsNoPullOrInterval(String name, String value, String accepts) {
        assertRefuses(name, value, accepts);
    }

    @Test
    void refusesAnIntervalBelowASecond() {
        assertThatThrownBy(() -> config(Map.of("PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC", "0.5")))
                .hasMessageContaining("must be 0 or a number from 1 to 86400");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-v",
                "--privileged",
                ":1",
                "/name",
                "../name",
                "a b",
                "name?x=1",
                "name%2e",
                "näme",
                "name:",
                "name@",
                "name/",
                "a:b:c",
                "a//b"
            })
    void refusesWhatIsNoImage(String image) {
        assertRefuses("PYTHON_EXECUTOR_DOCKER_IMAGE", image, "an image name such as registry:5000/name:tag");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x", "a b", "a/b", "$(id)", "host", "container:abc"})
    void refusesWhatIsNoNetwork(String network) {
        assertRefuses("PYTHON_EXECUTOR_DOCKER_NETWORK", network, "a network's name other than host");
    }

    @Test
    void takesEmptyValuesForTheDefaults() {
        assertThat(config(Map.of(
                        "DOCKER_HOST", "",
                        "DOCKER_TLS_VERIFY", "",
                        "PYTHON_EXECUTOR_DOCKER_IMAGE", "",
                        "PYTHON_EXECUTOR_DOCKER_NETWORK", "",
                        "PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "")))
                .isEqualTo(config(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix:///run/user/1000/docker.sock", "tcp://127.0.0.1:2375", "tcp://[::1]:2375"})
    void readsAnEngine(String address) {
        assertThat(config(Map.of("DOCKER_HOST", address)).engine()).isEqualTo(URI.create(address));
    }

    @ParameterizedTest
    @CsvSource({"tcp://engine, tcp://engine:2375", "tcp://[::1], tcp://[::1]:2375"})
    void knowsThePortOfAnEngine(String address, URI engine) {
        assertThat(config(Map.of("DOCKER_HOST", address)).engine()).isEqualTo(engine);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/var/run/docker.sock",
                "unix://docker.sock",
                "unix:docker.sock",
                "tcp://engine/",
                "tcp://engine:",
                "tcp://user@engine:2375",
                "tcp://:2375",
                "tcp://engine:0",
                "tcp:2375",
                "http://engine:2375",
                "ssh://engine:22",
                "npipe:////./pipe/docker_engine",
                "engine:2375",
                "unix:///a b",
                "://"
            })
    void refusesWhatIsNoEngine(String address) {
        assertRefuses("DOCKER_HOST", address, "unix:///path or tcp://host:port");
    }

    @Test
    void namesTheRunArgumentThatIsNotAccepted() {
        assertThatThrownBy(() -> config(Map.of("PYTHON_EXECUTOR_DOCKER_RUN_ARGS", "--label a=b --privileged")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage(
                        "PYTHON_EXECUTOR_DOCKER_RUN_ARGS: option --privileged is not accepted: programs would have powers"
                                + " of root on the host; accepted are " + RunArgumentsParser.ACCEPTED);
    }

    @Test
    void refusesTlsOnASocket() {
        assertThatThrownBy(() -> config(Map.of("DOCKER_TLS_VERIFY", "1")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("DOCKER_TLS_VERIFY needs DOCKER_HOST=tcp://host:port, not unix:///var/run/docker.sock");
    }

    /** As docker does, which takes even "0" for a yes. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "0"})
    void needsCertificatesForTls(String verify) {
        assertThatThrownBy(() -> config(Map.of(
                        "DOCKER_TLS_VERIFY",
                        verify,
                        "DOCKER_HOST",
                        "tcp://engine:2376",
                        "DOCKER_CERT_PATH",
                        "/nowhere")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("DOCKER_CERT_PATH must be a directory with ca.pem, cert.pem and key.pem:"
                        + " /nowhere/ca.pem cannot be read");
    }

    @Test
    void warnsOfCertificatesThatAreNotUsed() {
        Map<String, String> variables = Map.of("DOCKER_CERT_PATH", "/nowhere");
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        assertThat(DockerConfig.from(settings).tls()).isEmpty();
        settings.verify();
        assertThat(settings.warnings()).containsExactly("DOCKER_CERT_PATH is not used without DOCKER_TLS_VERIFY");
    }

    private static void assertRefuses(String name, String value, String accepts) {
        assertThatThrownBy(() -> config(Map.of(name, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessage("%s must be %s, not '%s'".formatted(name, accepts, value));
    }

    /** @throws InvalidSettingsException when a value is refused */
    private static DockerConfig config(Map<String, String> variables) {
        Settings settings = new Settings(name -> Optional.ofNullable(variables.get(name)));
        DockerConfig config = DockerConfig.from(settings);
        settings.verify();
        return config;
    }
}
