package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import java.util.function.Consumer;

/** One hostile program and what a good service makes of it. */
record Hostile(String name, Program program, Check check) {

    interface Check {
        void verify(Result result, Api api);
    }

    static Hostile program(String name, Program program, Consumer<Result> check) {
        return new Hostile(name, program, (result, _) -> check.accept(result));
    }

    static Hostile program(String name, String code, Consumer<Result> check) {
        return program(name, Program.of(code), check);
    }

    /** A program that looks around by itself and says what it saw. */
    static Hostile prints(String name, String code, String stdout) {
        return program(name, code, result -> {
            assertThat(result.stdout()).isEqualTo(stdout);
            assertThat(result.exited(0)).isTrue();
        });
    }

    /** A program that would never end. */
    static Hostile timesOut(String name, int timeoutMs, String code) {
        return program(name, Program.of(code).timeoutMs(timeoutMs), result -> {
            assertThat(result.timedOut()).isTrue();
            assertThat(result.exitCode()).isEmpty();
            assertThat(result.durationMs()).isBetween(timeoutMs, timeoutMs + 1000);
        });
    }

    /** A program that ends by itself with this status, whatever it left behind. */
    static Hostile exits(String name, int status, String code) {
        return program(name, code, result -> assertThat(result.exited(status)).isTrue());
    }

    @Override
    public String toString() {
        return name;
    }
}
