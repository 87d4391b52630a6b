package dev.codeinterpreter.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Command;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.OnlyOnDocker;
import dev.codeinterpreter.harness.Registry;
import dev.codeinterpreter.harness.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The executor image is at a registry, and not, or no more, on the engine. */
@OnlyOnDocker("an engine that is asked to pull: in a cluster that is the nodes' affair")
@Timeout(180)
class RegistryIT {
    /** Of tries that come 5, 10 and 20 s after each other. */
    private static final Duration RETRIES = Duration.ofSeconds(60);

    private static final Duration SOON = Duration.ofSeconds(20);

    /** What the runner needs of the executor image, in 20 MB: the libraries of its Python and of that one's own modules. */
    private static final String SMALL_IMAGE = """
            set -eu
            libraries=$(ldd /usr/bin/python3 /usr/lib/python3.*/lib-dynload/*.so | grep -o '/[^ ]* (' | tr -d '(' | sort -u)
            exec tar -ch --exclude=__pycache__ --exclude=test --exclude=pydoc_data --exclude=idlelib \\
              /usr/bin/python3 /usr/lib/python3.* $libraries
            """;

    private static Registry registry;
    private static String image;

    @TempDir
    Path login;

    @BeforeAll
    static void publish() {
        Registry.obstacle().ifPresent(why -> Assumptions.assumeTrue(false, why));
        registry = Registry.create();
        image = registry.address() + "/code-interpreter-registry-it:1";
        Command.run(
                "bash",
                "-c",
                "set -o pipefail; docker run --rm --network none --entrypoint sh code-interpreter-executor -c \"$0\""
                        + " | docker import - \"$1\"",
                SMALL_IMAGE,
                image);
        try (Registry _ = registry.start()) {
            Command.run("docker", "push", image);
        }
        DockerEngine.removeImage(image);
    }

    @AfterAll
    static void close() {
        if (registry != null) {
            registry.close();
        }
    }

    @AfterEach
    void remove() {
        registry.close();
        DockerEngine.removeImage(image);
    }

    @Test
    void isPulledAtTheStartAsSoonAsTheRegistryAnswersAndAgainWhenItHasVanished() {
        try (ServiceProcess service = start(
                "PYTHON_EXECUTOR_DOCKER_IMAGE", image, "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC", "1")) {
            awaitProblem(service, image, " and could not be pulled: the registry cannot be reached, or failed");
            assertMissing(service, "the executor image is not on the engine.");
            registry.start();
            awaitReady(service);
            assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
            assertThat(service.log()).contains("pulled the executor image " + image);

            // An image that is in use cannot be removed.
            service.engine().awaitNone(SOON);
            DockerEngine.removeImage(image);
            Await.until("a second pull", SOON, () -> service.log().split("pulled the executor image").length > 2);
            assertThat(service.api().run("print(2)").stdout()).isEqualTo("2\n");
            assertThat(service.api().get("/ready").status()).isEqualTo(200);
        }
    }

    @Test
    void isNamedWhenTheRegistryDoesNotKnowIt() {
        registry.start();
        String unknown = registry.address() + "/nobody/nothing:1";
        try (ServiceProcess service = start("PYTHON_EXECUTOR_DOCKER_IMAGE", unknown)) {
            awaitProblem(
                    service,
                    unknown,
                    " and could not be pulled: the registry has no such image, or asks for credentials");
            assertMissing(service, "the executor image is not on the engine.");
            assertThat(service.log()).contains("cannot pull the executor image " + unknown);
        }
    }

    /** The login comes while the service runs, as a Secret of a cluster or a {@code docker login} may. */
    @Test
    void isPulledWithTheCredentialsOfTheDockerCommand() throws IOException {
        try (Registry closed = registry.withPassword().start()) {
            String secured = closed.address() + "/code-interpreter-registry-it:1";
            try (ServiceProcess service =
                    start("PYTHON_EXECUTOR_DOCKER_IMAGE", secured, "DOCKER_CONFIG", login.toString())) {
                awaitProblem(
                        service,
                        secured,
                        " and could not be pulled: the registry does not accept our credentials, or asks for some");
                String pair = Registry.USER + ":" + Registry.PASSWORD;
                Files.writeString(
                        login.resolve("config.json"),
                        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}"
                                .formatted(closed.address(), Base64.getEncoder().encodeToString(pair.getBytes(UTF_8))));
                awaitReady(service);
                assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
                assertThat(service.log()).doesNotContain(Registry.PASSWORD);
            } finally {
                DockerEngine.removeImage(secured);
            }
        }
    }

    /** Neither requests nor probes nor the end of the service wait for a pull. */
    @Test
    void isPulledBesideEverythingElse() throws IOException {
        try (SilentRegistry silent = new SilentRegistry();
                ServiceProcess service = start("PYTHON_EXECUTOR_DOCKER_IMAGE", silent.image())) {
            awaitProblem(service, silent.image(), ": pulling it");
            assertMissing(service, "the executor image is being pulled.");
            assertThat(service.api().get("/health").status()).isEqualTo(200);
            assertThat(service.stop()).isZero();
        }
    }

    @Test
    void isLeftToTheOperatorWhenItIsNeverPulled() throws IOException {
        try (SilentRegistry silent = new SilentRegistry();
                ServiceProcess service = start(
                        "PYTHON_EXECUTOR_DOCKER_IMAGE",
                        silent.image(),
                        "PYTHON_EXECUTOR_DOCKER_IMAGE_PULL",
                        "never",
                        "PYTHON_EXECUTOR_DOCKER_IMAGE_WATCHDOG_INTERVAL_SEC",
                        "1")) {
            awaitProblem(service, silent.image(), "");
            assertMissing(service, "the executor image is not on the engine.");
            assertThat(silent.connections()).isZero();
        }
    }

    /** The engine has the name already, for an image with more libraries. */
    @Test
    void replacesWhatTheEngineHasWhenItIsAlwaysPulled() {
        registry.start();
        DockerEngine.tag("code-interpreter-executor:latest", image);
        try (ServiceProcess service =
                start("PYTHON_EXECUTOR_DOCKER_IMAGE", image, "PYTHON_EXECUTOR_DOCKER_IMAGE_PULL", "always")) {
            String program = "import importlib.util; print(importlib.util.find_spec('numpy'))";
            Await.until(
                    "the registry's image",
                    SOON,
                    () -> service.api().run(program).stdout().equals("None\n"));
        }
    }

    private ServiceProcess start(String... variables) {
        Map<String, String> settings = new HashMap<>(Map.of("DOCKER_CONFIG", login.toString()));
        for (int i = 0; i < variables.length; i += 2) {
            settings.put(variables[i], variables[i + 1]);
        }
        return ServiceProcess.start(settings);
    }

    private static void awaitReady(ServiceProcess service) {
        Await.until(
                "a ready service", RETRIES, () -> service.api().get("/ready").status() == 200);
    }

    private static void awaitProblem(ServiceProcess service, String name, String state) {
        String message = "the executor image %s is missing%s".formatted(name, state);
        Await.until(message, SOON, () -> {
            Answer ready = service.api().get("/ready");
            return ready.status() == 503 && ready.json().getString("message").equals(message);
        });
    }

    private static void assertMissing(ServiceProcess service, String sentence) {
        for (String[] request : new String[][] {{"/v1/execute", "{\"code\":\"\"}"}, {"/v1/sessions", "{}"}}) {
            Answer answer = service.api().post(request[0], request[1]);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
            assertThat(answer.code()).isEqualTo("capacity_unavailable");
            assertThat(answer.header("retry-after")).contains("10");
            assertThat(answer.detail()).isEqualTo("Executor capacity unavailable (image missing): " + sentence);
        }
    }

    /** Accepts connections and says nothing. */
    private static final class SilentRegistry implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Collection<Socket> accepted = new ConcurrentLinkedQueue<>();

        SilentRegistry() throws IOException {
            Thread.ofVirtual().name("silent-registry").start(this::accept);
        }

        String image() {
            return "127.0.0.1:%d/silent:1".formatted(server.getLocalPort());
        }

        int connections() {
            return accepted.size();
        }

        @Override
        public void close() throws IOException {
            server.close();
            for (Socket socket : accepted) {
                socket.close();
            }
        }

        private void accept() {
            try {
                while (true) {
                    accepted.add(server.accept());
                }
            } catch (IOException e) {
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
