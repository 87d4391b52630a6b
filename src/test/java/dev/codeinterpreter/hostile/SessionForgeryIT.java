package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Await;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What an earlier command leaves running in a session neither answers a later one nor moves the session's end. {@code
 * -Dforgery.commands=200} is the proof; the usual number finds a way in that works at every attempt.
 */
@Timeout(600)
class SessionForgeryIT {
    private static final int COMMANDS = Integer.getInteger("forgery.commands", 20);
    private static final int TIME_TO_LIVE = 900;

    /** Where the forger writes what it has got hold of. */
    private static final String NOTES = "/tmp/notes";

    /** Counts the forger's processes, and not the shell that counts. */
    private static final String COUNT =
            "cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' '\\n' | grep -c 'forger[.]py'";

    private static ServiceProcess service;
    private static Api api;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(Map.of("CPU_LIMIT", "2"));
        api = service.api();
    }

    @AfterAll
    static void stop() {
        service.engine().awaitNone(Duration.ofSeconds(5));
        service.close();
    }

    @Test
    void aProcessOfAnEarlierShellForgesNothing() throws IOException {
        try (Session session = newSession()) {
            double end = end(session);
            session.bash("setsid python3 forger.py %s > /dev/null 2>&1 & disown".formatted(NOTES));
            awaitForger(session);
            List<String> lies = new ArrayList<>();
            for (int number = 0; number < COMMANDS; number++) {
                boolean shell = number % 2 == 0;
                collectLie(lies, number, shell ? shell(session, number) : python(session, number));
            }
            assertTrueAnswers(lies, session, end);
            assertThat(session.bash("cat " + NOTES).stdout())
                    .as("what the forger got hold of")
                    .isEmpty();
        }
    }

    /** In the interpreter earlier code changes later code as it likes; a shell is none of its business. */
    @Test
    void aProcessOfTheInterpreterForgesNoAnswerOfAShell() throws IOException {
        try (Session session = newSession()) {
            double end = end(session);
            session.python("""
                    import subprocess
                    forger = subprocess.Popen(["python3", "forger.py", "%s"], start_new_session=True)
                    """.formatted(NOTES));
            awaitForger(session);
            List<String> lies = new ArrayList<>();
            for (int number = 0; number < COMMANDS; number++) {
                collectLie(lies, number, shell(session, number));
            }
            assertTrueAnswers(lies, session, end);
        }
    }

    private static Session newSession() throws IOException {
        Session session = Session.begin(api, "{\"ttl_seconds\": %d}".formatted(TIME_TO_LIVE));
        try (InputStream forger = SessionForgeryIT.class.getResourceAsStream("forger.py")) {
            session.write("forger.py", forger.readAllBytes());
        }
        return session;
    }

    private static void awaitForger(Session session) {
        Await.until(
                "the forger at work",
                Duration.ofSeconds(20),
                () -> session.bash("test -e " + NOTES).exited(0));
    }

    private static double end(Session session) {
        return session.get().json().getJsonNumber("expires_at").doubleValue();
    }

    private static Answer shell(Session session, int number) {
        return session.tryBash("echo shell %d; exit 3".formatted(number), 20_000);
    }

    private static Answer python(Session session, int number) {
        return session.tryPython(Program.of("print('python', %d)\nraise SystemExit(3)".formatted(number)));
    }

    private static void collectLie(List<String> lies, int number, Answer answer) {
        if (answer.status() != 200) {
            lies.add("%d: %s".formatted(number, answer.body()));
            return;
        }
        Result result = answer.result();
        if (!result.exited(3) || !result.stdout().matches("(shell|python) %d\n".formatted(number))) {
            lies.add("%d: %s %s".formatted(number, result.exitCode(), result.stdout()));
        }
    }

    private static void assertTrueAnswers(List<String> lies, Session session, double end) {
        SoftAssertions.assertSoftly(softly -> {
            softly.assertThat(lies)
                    .as("answers of %d commands that are not theirs", COMMANDS)
                    .isEmpty();
            softly.assertThat(end(session)).as("the session's end").isCloseTo(end, within(2.0));
            softly.assertThat(session.bash(COUNT).stdout())
                    .as("forgers still at work")
                    .isEqualTo("2\n");
        });
    }
}
