package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Backend;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One hostile program and what a good service makes of it. Rows are written for the limits of
 * {@link HostileProgramsContract}: a workspace of 32 MB, 16 MB of /tmp, 4 s of CPU time, 50 output files.
 *
 * @param name begins with the letter of its kind, see {@link #USES_UP_THE_MACHINE}
 * @param modes in which this is its result
 * @param traits what else the driver has to know
 */
record Hostile(String name, Program program, Check check, Set<RunMode> modes, Set<Trait> traits) {
    /** C processors, M memory, P processes: these have the machine to themselves, for all of it is what they take. */
    private static final Set<String> USES_UP_THE_MACHINE = Set.of("C", "M", "P");

    /** O output, Z input: what is written while a program runs takes another way in a stream. */
    private static final Set<String> STREAM_DIFFERS = Set.of("O", "Z");

    /** How late the end of a program may be: 8 ms were missing to 1 s on a machine with a load of ten on two processors. */
    private static final int LATE_MS = 3000;

    private static final int SEARCH_MS = 40_000;

    enum Trait {
        /** It floods, though it is of a quiet kind. */
        LOUD,
        /** It ends in a way of its own, or its result has strange content, and a stream says that by other means. */
        STREAM_DIFFERS
    }

    /** {@code attempt(name, call)} prints the name and how the call was refused. */
    static final String ATTEMPT = """
            import ctypes, errno, os, signal, socket, sys
            def attempt(name, call, *arguments):
                try:
                    call(*arguments)
                    print(name, 'DONE')
                except OSError as error:
                    print(name, errno.errorcode.get(error.errno, error.errno))
            """;

    Hostile {
        modes = Set.copyOf(modes);
        traits = Set.copyOf(traits);
    }

    interface Check {
        void verify(Result result, Api api);
    }

    static Hostile program(String name, Program program, Check check) {
        return new Hostile(name, program, check, EnumSet.allOf(RunMode.class), Set.of());
    }

    static Hostile program(String name, Program program, Consumer<Result> check) {
        return program(name, program, (result, _) -> check.accept(result));
    }

    static Hostile program(String name, String code, Consumer<Result> check) {
        return program(name, Program.of(code), check);
    }

    /** A program that looks around by itself and says what it saw; with time to search on a machine that is busy besides. */
    static Hostile prints(String name, String code, String stdout) {
        return program(name, Program.of(code).timeoutMs(SEARCH_MS), result -> {
            assertThat(result.stdout()).isEqualTo(stdout);
            assertThat(result.exited(0)).isTrue();
        });
    }

    /** A program that would never end. */
    static Hostile timesOut(String name, int timeoutMs, String code) {
        return program(name, Program.of(code).timeoutMs(timeoutMs), result -> {
            assertThat(result.timedOut()).isTrue();
            assertThat(result.exitCode()).isEmpty();
            assertThat(result.durationMs()).isBetween(timeoutMs, timeoutMs + LATE_MS);
        });
    }

    /** A program that ends by itself with this status, whatever it left behind. */
    static Hostile exits(String name, int status, String code) {
        return program(name, code, result -> assertThat(result.exited(status)).isTrue());
    }

    Hostile with(UnaryOperator<Program> change) {
        return new Hostile(name, change.apply(program), check, modes, traits);
    }

    /** A row of a quiet kind that uses up the machine all the same. */
    Hostile loud() {
        return with(Trait.LOUD);
    }

    /** A row that may come out otherwise when its output is streamed. */
    Hostile streamed() {
        return with(Trait.STREAM_DIFFERS);
    }

    private Hostile with(Trait trait) {
        EnumSet<Trait> more = EnumSet.of(trait);
        more.addAll(traits);
        return new Hostile(name, program, check, modes, more);
    }

    /** Whether nothing else may run meanwhile. */
    boolean usesUpTheMachine() {
        return traits.contains(Trait.LOUD) || USES_UP_THE_MACHINE.contains(kind());
    }

    /** Whether it is to run in streams, too, wherever programs run. */
    boolean streamDiffers() {
        return traits.contains(Trait.STREAM_DIFFERS)
                || STREAM_DIFFERS.contains(kind())
                || !modes.contains(RunMode.SYNC);
    }

    private String kind() {
        return name.substring(0, name.indexOf('-'));
    }

    /** A row about what only these have, such as files or input. */
    Hostile only(RunMode first, RunMode... more) {
        return new Hostile(name, program, check, EnumSet.of(first, more), traits);
    }

    /** A row that does not hold there, for a reason that stands beside it. */
    Hostile not(RunMode first, RunMode... more) {
        return new Hostile(name, program, check, EnumSet.complementOf(EnumSet.of(first, more)), traits);
    }

    /** What comes of it in a pod, where that is another thing, for a reason that stands beside it. */
    Hostile inPods(Consumer<Result> other) {
        return Backend.current() == Backend.KUBERNETES
                ? new Hostile(name, program, (result, _) -> other.accept(result), modes, traits)
                : this;
    }

    /** A row whose program ends its own pod, for a reason that stands beside it. */
    Hostile notInPods() {
        return Backend.current() == Backend.KUBERNETES ? new Hostile(name, program, check, Set.of(), traits) : this;
    }

    /** A row whose program may end its own pod when it runs in this mode, for a reason that stands beside it. */
    Hostile notInPodsAs(RunMode mode) {
        return Backend.current() == Backend.KUBERNETES ? not(mode) : this;
    }

    /** A program that ends with this exception there. */
    Hostile failsInPods(String exception) {
        return inPods(result -> {
            assertThat(result.stderr()).contains(exception);
            assertThat(result.exited(1)).isTrue();
        });
    }

    /** @param stdout a regular expression */
    Hostile printsInPods(String stdout) {
        return inPods(result -> {
            assertThat(result.stdout()).matches(stdout);
            assertThat(result.exited(0)).isTrue();
        });
    }

    @Override
    public String toString() {
        return name;
    }
}
