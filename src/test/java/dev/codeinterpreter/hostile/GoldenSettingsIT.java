package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Golden;
import dev.codeinterpreter.harness.Guard;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A sandbox is set up as src/test/resources/dev/codeinterpreter/golden says, seen from the engine and from the inside.
 * After a change that is meant: {@code dev/test -Dit.test=GoldenSettingsIT,HostileProgramsIT -Dgolden.write=true}, and look
 * at the difference before it is committed.
 */
@Tag("quick")
@Timeout(120)
class GoldenSettingsIT {
    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.shared(Map.of());
    }

    @Test
    void areWhatTheEngineSaysOfASandbox() throws IOException {
        Guard.check(service, "default");
    }

    @Test
    void areWhatAProgramSees() throws IOException {
        Golden.check("inside-one-shot.txt", said(service.api().run(lookAround("--alone"))));
    }

    @Test
    void areWhatAProgramOfASessionSees() throws IOException {
        try (Session session = Session.begin(service.api())) {
            Golden.check("inside-session-python.txt", said(session.python(lookAround(""))));
            assertThat(session.write("look.py", lookAround("").code().getBytes(UTF_8))
                            .status())
                    .isEqualTo(204);
            Golden.check("inside-session-bash.txt", said(session.bash("exec python3 -I look.py")));
        }
    }

    private static String said(Result result) {
        assertThat(result.exited(0)).as(result.toString()).isTrue();
        return result.stdout().strip();
    }

    private static Program lookAround(String options) throws IOException {
        try (InputStream in = Golden.class.getResourceAsStream("/dev/codeinterpreter/golden/look_around.py")) {
            return Program.of("LOOK = '%s'\n%s".formatted(options, new String(in.readAllBytes(), UTF_8)))
                    .interactive(false);
        }
    }
}
