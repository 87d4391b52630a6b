package dev.codeinterpreter.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Answer;
import dev.codeinterpreter.harness.EventReader;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import dev.codeinterpreter.harness.Session;
import dev.codeinterpreter.harness.VenvImage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An image whose Python is that of a virtual environment: its packages and its variables, in every kind of run. */
@Timeout(120)
class ImageEnvironmentIT {
    private static final String FOUND = "virtual environment /venv\n";

    private static final String PROGRAM = """
            import subprocess, sys
            import only_in_the_image
            print(only_in_the_image.WHERE, sys.prefix)
            with open("x.py", "w") as file:
                file.write("import sys, only_in_the_image; print(only_in_the_image.WHERE, sys.prefix)")
            for python in "python", "python3", sys.executable:
                subprocess.run([python, "x.py"])
            """;

    private static final String VARIABLES = """
            {"HOME":"/tmp","JAVA_HOME":"/opt/jdk","LANG":"C.UTF-8","LD_LIBRARY_PATH":"/opt/lib:","LOGNAME":"sandbox","MKL_NUM_THREADS":"1",
            "MPLCONFIGDIR":"/tmp/matplotlib","NUMEXPR_NUM_THREADS":"1","OMP_NUM_THREADS":"1","OPENBLAS_NUM_THREADS":"1",
            "PATH":"/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","PYTHONDONTWRITEBYTECODE":"1",
            "PYTHONIOENCODING":"utf-8","PYTHONUNBUFFERED":"1","TZ":"UTC","USER":"sandbox","VIRTUAL_ENV":"/venv"}
            """;

    private static final String SHOW_VARIABLES =
            "import os, json; print(json.dumps({name: value for name, value in sorted(os.environ.items())"
                    + " if name not in ('_', 'PWD', 'SHLVL')}))";

    private static ServiceProcess service;

    @BeforeAll
    static void start() {
        service = ServiceProcess.start(VenvImage.settings());
    }

    @AfterAll
    static void end() {
        service.close();
    }

    /** More than once: the first sandbox compiles the runner, the others load what that one has reported. */
    @Test
    void findsPackagesInAProgramAndInWhatItStarts() {
        for (int i = 0; i < 2; i++) {
            Result result = service.api().run(PROGRAM);
            assertThat(result.stdout()).as(result.toString()).isEqualTo(FOUND.repeat(4));
        }
    }

    @Test
    void findsPackagesInASession() {
        try (Session session = Session.begin(service.api())) {
            Result python = session.python(PROGRAM);
            assertThat(python.stdout()).as(python.toString()).isEqualTo(FOUND.repeat(4));
            Result bash = session.bash("python x.py && python3 x.py && command -v python");
            assertThat(bash.stdout()).as(bash.toString()).isEqualTo(FOUND.repeat(2) + "/venv/bin/python\n");
        }
    }

    @Test
    void givesTheImagesVariablesUnderTheContracts() {
        String expected = Answer.compact(VARIABLES);
        assertThat(Answer.compact(service.api().run(SHOW_VARIABLES).stdout())).isEqualTo(expected);
        try (Session session = Session.begin(service.api())) {
            assertThat(Answer.compact(session.python(SHOW_VARIABLES).stdout())).isEqualTo(expected);
            assertThat(Answer.compact(session.bash("python -c \"%s\"".formatted(SHOW_VARIABLES))
                            .stdout()))
                    .isEqualTo(expected);
        }
    }

    /** LD_LIBRARY_PATH ends with an empty entry, which is the directory that a process is started in. */
    @Test
    void loadsNothingOfAProgramsIntoWhatIsStartedBesideIt() {
        try (Session session = Session.begin(service.api())) {
            String plant = "for name in libc libm; do echo no library > $name.so.6; done; echo planted; cd /; sleep 5";
            // While this one runs, the next needs a process of its own.
            try (EventReader running = session.streamBash(plant)) {
                assertThat(running.next().orElseThrow().data()).contains("planted");
                assertThat(session.files()).containsKeys("libc.so.6", "libm.so.6");
            }
        }
    }
}
