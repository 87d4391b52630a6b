package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.DockerEngine;
import dev.codeinterpreter.harness.OnlyOnDocker;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The warm pool of a real service on the real engine. */
@Timeout(120)
class PoolIT {
    private static final Duration FULL = Duration.ofSeconds(40);
    private static final Duration PROMPT = Duration.ofSeconds(10);
    private static final String LOADED =
            "import sys; print('pandas' in sys.modules, 'matplotlib.pyplot' in sys.modules)";

    @Test
    void runsEachProgramInAFreshSandboxWithItsLibrariesLoaded() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "2")) {
            Set<String> uids = new HashSet<>();
            for (int i = 0; i < 4; i++) {
                service.awaitIdle(2);
                Result result = service.api().run("""
                        import os, sys
                        print('pandas' in sys.modules, os.path.exists('/tmp/left'), os.getuid())
                        open('/tmp/left', 'w').close()
                        """);
                assertThat(result.stdout()).startsWith("True False ");
                assertThat(uids.add(result.stdout())).as("a uid of its own").isTrue();
            }
            service.awaitIdle(2);
            service.stop();
            service.engine().awaitNone(PROMPT);
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    @Test
    void isNotThereWhenItsSizeIsZero() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "0")) {
            assertThat(service.api().run(LOADED).stdout()).isEqualTo("False False\n");
            service.engine().awaitNone(PROMPT);
        }
    }

    @Tag("complete")
    @Test
    void leavesNothingWhenTheServiceIsKilled() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "2")) {
            service.awaitIdle(2);
            service.kill();
            service.engine().awaitNoneAlive(PROMPT);
        }
    }

    @Tag("complete")
    @Test
    void answersWhenItsSandboxesHaveDiedUnnoticed() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "2")) {
            service.awaitIdle(2);
            service.engine().sandboxes().forEach(service.engine()::kill);
            for (int i = 0; i < 3; i++) {
                assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
            }
            service.awaitIdle(2);
        }
    }

    @Test
    @OnlyOnDocker("a way to ask what a tag means now: in a cluster each node has its own answer")
    void replacesItsSandboxesWhenTheImageChanges() {
        String tag = "code-interpreter-pool-it:" + System.nanoTime();
        try (ServiceProcess service = ServiceProcess.startOnImage(tag, Map.of("WARM_POOL_SIZE", "1"))) {
            DockerEngine engine = (DockerEngine) service.engine();
            service.awaitIdle(1);
            List<String> before = engine.sandboxes();
            engine.changeImage(before.getFirst(), tag);
            Await.until("another sandbox", FULL, () -> {
                List<String> now = engine.sandboxes();
                return now.size() == 1 && !now.equals(before);
            });
            assertThat(service.api().run("print(1)").stdout()).isEqualTo("1\n");
        } finally {
            DockerEngine.removeImage(tag);
        }
    }

    @Test
    void takesTheMemoryOfLibrariesNotFromTheProgram() {
        try (ServiceProcess service = start(
                "WARM_POOL_SIZE",
                "1",
                "MEMORY_LIMIT_MB",
                "64",
                "WORKSPACE_SIZE_LIMIT",
                "1Mi",
                "TMP_SIZE_LIMIT",
                "1Mi")) {
            // Not the first one, whose libraries had not been measured.
            for (int i = 0; i < 2; i++) {
                service.awaitIdle(1);
                Result result = service.api().run(Program.of("import pandas; x = bytearray(60 << 20); print(len(x))"));
                assertThat(result.stdout()).as(result.toString()).isEqualTo("62914560\n");
            }
            service.awaitIdle(1);
            Result greedy = service.api().run(Program.of("import pandas; x = bytearray(200 << 20); print(len(x))"));
            assertThat(greedy.termination()).as(greedy.toString()).isEqualTo("oom");
        }
    }

    @Test
    void givesBareSandboxesToProgramsWithoutLibraries() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "1", "WARM_POOL_BARE_SIZE", "1")) {
            Await.until("a full pool", FULL, () -> service.poolSize("idle") == 2 && service.poolSize("preloaded") == 1);
            assertThat(service.api()
                            .run("import sys; print([name for name in sys.modules if name.startswith('pan')])")
                            .stdout())
                    .isEqualTo("[]\n");
            assertThat(service.poolSize("preloaded")).isEqualTo(1);
            assertThat(service.api().run(LOADED).stdout()).isEqualTo("True True\n");
        }
    }

    @Test
    void beginsSessionsWithWhatWaitsForOne() {
        try (ServiceProcess service = start("WARM_POOL_SESSION_SIZE", "1")) {
            awaitSession(service);
            try (Session session = Session.begin(service.api())) {
                assertThat(session.python("1 + 1").stdout()).isEqualTo("2\n");
                assertThat(session.bash("echo on").stdout()).isEqualTo("on\n");
                // The next one waits already.
                awaitSession(service);
            }
            awaitSession(service);
            Session.begin(service.api()).close();
        }
    }

    @Test
    void beginsSessionsWithLibraries() {
        try (ServiceProcess service = start(
                "WARM_POOL_SESSION_SIZE",
                "1",
                "MEMORY_LIMIT_MB",
                "64",
                "WORKSPACE_SIZE_LIMIT",
                "1Mi",
                "TMP_SIZE_LIMIT",
                "1Mi")) {
            // Not the first one, whose libraries had not been measured.
            for (int i = 0; i < 2; i++) {
                awaitSessionWithLibraries(service);
                try (Session session = Session.begin(service.api())) {
                    assertThat(session.python(LOADED).stdout()).isEqualTo("True True\n");
                    Result modest = session.python("import pandas; x = bytearray(60 << 20); print(len(x))");
                    assertThat(modest.stdout()).as(modest.toString()).isEqualTo("62914560\n");
                    Result greedy = session.python("y = bytearray(400 << 20); y[::4096] = bytes(100 << 10)");
                    assertThat(greedy.termination()).as(greedy.toString()).isEqualTo("oom");
                    assertThat(session.bash("echo on").stdout()).isEqualTo("on\n");
                    assertThat(session.python(LOADED).stdout()).isEqualTo("False False\n");
                }
            }
        }
    }

    @Tag("complete")
    @Test
    void leavesNoSessionThatNobodyHasBegun() {
        try (ServiceProcess service = start("WARM_POOL_SESSION_SIZE", "1")) {
            awaitSession(service);
            service.kill();
            service.engine().awaitNoneAlive(PROMPT);
        }
    }

    private static void awaitSessionWithLibraries(ServiceProcess service) {
        Await.until("one for a session, with libraries", FULL, () -> service.poolSize("session_preloaded") == 1);
    }

    private static void awaitSession(ServiceProcess service) {
        Await.until("one for a session", FULL, () -> service.poolSize("session") == 1);
    }

    @Tag("complete")
    @Test
    void saysOnceWhatTheImageLacks() {
        try (ServiceProcess service = start("WARM_POOL_SIZE", "2", "PRELOAD_MODULES", "json,no_such_library,decimal")) {
            service.awaitIdle(2);
            assertThat(service.api()
                            .run("import sys; print('decimal' in sys.modules)")
                            .stdout())
                    .isEqualTo("True\n");
            service.awaitIdle(2);
            assertThat(service.log().lines().filter(line -> line.contains("lacks of PRELOAD_MODULES: no_such_library")))
                    .hasSize(1);
        }
    }

    @Tag("complete")
    @Test
    void doesNotHammerAnEngineThatIsNotThere() {
        try (ServiceProcess service = startNowhere()) {
            assertThat(service.api().execute("{\"code\":\"1\"}").status()).isEqualTo(503);
            Await.until("a line of the log", PROMPT, () -> failures(service) > 0);
            assertThat(service.api().execute("{\"code\":\"1\"}").status()).isEqualTo(503);
            assertThat(failures(service)).isEqualTo(1);
        }
    }

    private static long failures(ServiceProcess service) {
        return service.log()
                .lines()
                .filter(line -> line.contains("for the pool could not be launched"))
                .count();
    }

    private static ServiceProcess startNowhere() {
        Map<String, String> environment = new HashMap<>(Backend.current().nowhere());
        environment.put("WARM_POOL_SIZE", "2");
        return ServiceProcess.start(environment);
    }

    private static ServiceProcess start(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return ServiceProcess.start(environment);
    }
}
