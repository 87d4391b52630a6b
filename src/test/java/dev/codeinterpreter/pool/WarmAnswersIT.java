package dev.codeinterpreter.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.codeinterpreter.harness.Api;
import dev.codeinterpreter.harness.Program;
import dev.codeinterpreter.harness.Result;
import dev.codeinterpreter.harness.ServiceProcess;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client cannot tell a warm sandbox from a new one, but by the time; and by a module of its own that takes the place of one
 * which a preloaded library has imported already: the library keeps the one that it has.
 */
@Timeout(120)
class WarmAnswersIT {
    private static final Duration GONE = Duration.ofSeconds(10);

    private static ServiceProcess cold;
    private static ServiceProcess warm;

    @BeforeAll
    static void start() {
        cold = ServiceProcess.start(Map.of());
        warm = ServiceProcess.start(Map.of("WARM_POOL_SIZE", "1"));
    }

    @AfterAll
    static void stop() {
        assertThat(cold.log() + warm.log()).as("stack traces in the logs").doesNotContain("\tat ");
        assertThat(warm.stop()).isZero();
        warm.engine().awaitNone(GONE);
        warm.close();
        cold.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "print('out'); import sys; print('err', file=sys.stderr); 6 * 7",
                "import sys\nprint(sys.argv, sys.path[0], __name__, __file__, sorted(globals()))",
                "import os; print(sorted(os.environ.items()), os.getcwd(), sorted(os.listdir('/proc/self/fd'))[:3])",
                "1 / 0",
                "def f(:",
                "import sys; sys.exit(7)",
                "import os; os.kill(os.getpid(), 9)",
                "import os; os.abort()",
                "import sys; print(sys.stdin.read())",
                "while True: pass",
                "x = bytearray(2 << 30)",
                "b = []\nwhile True: b.append(bytearray(1 << 20))",
                "import signal, sys\nprint([s for s in signal.Signals if signal.getsignal(s) not in (0, None)][:40])",
                "import pandas; print(pandas.__file__)",
                "import numpy; print(numpy.zeros(2))",
                "import calendar; print(calendar.__file__, open('in').read())",
                "open('in', 'a').write('more'); open('new', 'w').write('x'); import os; os.makedirs('a/b'); open('a/b/c', 'w')",
                "import subprocess; print(subprocess.run(['sh', '-c', 'echo $PPID | wc -w; ulimit -n; umask'], capture_output=True).stdout)",
                "import multiprocessing\nwith multiprocessing.Pool(2) as p: print(p.map(abs, [-1, -2]))",
                "import threading; threading.Timer(0.2, lambda: print('later')).start()",
                "import atexit; atexit.register(print, 'at exit')",
                "import os\nprint(os.fork() > 0 or os._exit(3), os.wait()[1])",
                "import os\nos.kill(-1, 9)",
                "import resource; print([resource.getrlimit(i) for i in range(16)])",
                "import gc; print(gc.isenabled(), gc.get_threshold())",
                "import random, uuid, tempfile; print(len(str(uuid.uuid4())), tempfile.gettempdir())",
                "import asyncio\nasync def f(): return 5\nprint(asyncio.run(f()))",
                "import logging; logging.warning('w'); print(logging.root.handlers, logging.root.level)",
                "import warnings; warnings.warn('w')",
                "import locale, time; print(locale.getpreferredencoding(), time.tzname)"
            })
    void areTheSame(String code) {
        Result expected = run(cold.api(), code);
        warm.awaitIdle(1);
        Result actual = run(warm.api(), code);
        assertThat(actual.stdout()).isEqualTo(expected.stdout());
        assertThat(actual.stderr()).isEqualTo(expected.stderr());
        assertThat(actual.exitCode()).isEqualTo(expected.exitCode());
        assertThat(actual.termination()).isEqualTo(expected.termination());
        assertThat(actual.files().keySet()).isEqualTo(expected.files().keySet());
    }

    /** A file and two modules of the client's own, one of which has the name of a library that is preloaded. */
    private static Result run(Api api, String code) {
        return api.run(Program.of(code)
                .stdin("input")
                .timeoutMs(4000)
                .file("in", api.upload("in", "content\n"))
                .file("pandas.py", api.upload("pandas.py", "mine = 1"))
                .file("calendar.py", api.upload("calendar.py", "mine = 2")));
    }
}
