package dev.codeinterpreter.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Process 1 of a sandbox, which is the runner or what keeps the container alive, is out of a program's reach. */
@Timeout(120)
class ProcessOneIT {

    @Test
    void cannotBeTouchedByAProgramOfTheSameUser() {
        try (ServiceProcess service = ServiceProcess.start(Map.of())) {
            Result result = service.api().run(Program.of("""
                    import os, resource, signal

                    def attempt(what, deed, *arguments):
                        try:
                            deed(*arguments)
                            print(what, "done")
                        except OSError as e:
                            print(what, type(e).__name__)

                    for number in signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP, signal.SIGINT:
                        attempt(number.name, os.kill, 1, number)
                    attempt("limit", resource.prlimit, 1, resource.RLIMIT_CPU, (1, 1))
                    attempt("scheduler", os.sched_setscheduler, 1, os.SCHED_IDLE, os.sched_param(0))
                    attempt("priority", os.setpriority, os.PRIO_PROCESS, 1, 19)
                    attempt("memory", open, "/proc/1/mem", "r+b")
                    attempt("descriptors", os.listdir, "/proc/1/fd")
                    attempt("environment", open, "/proc/1/environ")
                    attempt("oom", open, "/proc/1/oom_score_adj", "w")
                    """).timeoutMs(20_000));
            assertThat(result.stderr()).isEmpty();
            assertThat(result.stdout().lines())
                    .hasSize(11)
                    .allSatisfy(line -> assertThat(line).endsWith(" PermissionError"));
        }
    }
}
