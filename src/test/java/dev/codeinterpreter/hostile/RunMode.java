package dev.codeinterpreter.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.Streamed;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;

/** How a program gets to run. */
enum RunMode {
    SYNC(1, 6) {
        @Override
        Result run(Api api, Program program, After after) {
            Answer answer = api.execute(program);
            return verified(answer.result(), after);
        }
    },
    STREAM(1, 6) {
        @Override
        Result run(Api api, Program program, After after) {
            try (EventReader events = api.stream(program)) {
                Streamed all = events.readAll();
                JsonObject whole = Json.createObjectBuilder(all.result().json())
                        .add("stdout", all.stdout())
                        .add("stderr", all.stderr())
                        .build();
                return verified(new Result(whole), after);
            }
        }
    },
    /** As a file that a shell has an interpreter for. */
    BASH(3, 8) {
        @Override
        Result run(Api api, Program program, After after) {
            try (Session session = Session.begin(api)) {
                Answer written = session.write("__main__.py", program.code().getBytes(UTF_8));
                if (written.status() != 204) {
                    throw new AssertionError("not written: " + written);
                }
                Answer answer = session.tryBash("exec python3 __main__.py", program.timeoutMs());
                JsonObject withFiles = Json.createObjectBuilder(answer.result().json())
                        .add("files", JsonValue.EMPTY_JSON_ARRAY)
                        .add("skipped_files", JsonValue.EMPTY_JSON_ARRAY)
                        .build();
                Result result = verified(new Result(withFiles), after);
                assertUsable(session.bash("echo on").stdout(), "on\n");
                return result;
            }
        }
    },
    PYTHON(3, 8) {
        @Override
        Result run(Api api, Program program, After after) {
            try (Session session = Session.begin(api)) {
                Result result = verified(session.python(program), after);
                assertUsable(session.python("print('on')").stdout(), "on\n");
                return result;
            }
        }
    };

    /** How many operations it takes: a session is one, and so is the command that shows that it goes on. */
    final int operations;

    /**
     * After the program's own time, for the answer to arrive: launching, collecting, and a busy machine; in a session also
     * the command that shows that it goes on.
     */
    final Duration grace;

    RunMode(int operations, int graceSeconds) {
        this.operations = operations;
        this.grace = Duration.ofSeconds(graceSeconds);
    }

    /** What is done with the result, before anything else is. */
    interface After {
        void accept(Result result);
    }

    /** A session has to be of use afterwards. */
    abstract Result run(Api api, Program program, After after);

    private static Result verified(Result result, After after) {
        try {
            after.accept(result);
        } catch (AssertionError e) {
            throw new AssertionError("result: " + result, e);
        }
        return result;
    }

    private static void assertUsable(String said, String expected) {
        if (!said.equals(expected)) {
            throw new AssertionError("the session does not go on, it says " + said);
        }
    }
}
