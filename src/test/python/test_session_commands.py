"""Commands of the shell."""
import os
import time

from harness import processes_limited, setUpModule
from session_harness import Connection, SessionTest


class BashTest(SessionTest):
    def test_answers(self):
        workspace = self.workspace
        long = "x" * (131071 - len("echo "))  # the longest argument that the kernel takes
        cases = {
            "echo out; echo err >&2": ("out\n", "err\n", 0),
            "echo " + long: (long + "\n", "", 0),
            "exit 3": ("", "", 3),
            "pwd; echo $HOME $TZ": (f"{workspace}\n/tmp UTC\n", "", 0),
            "cat; echo end": ("end\n", "", 0),
            "no_such_command_at_all": ("", "bash: line 1: no_such_command_at_all: command not found\n", 127),
            "kill -9 $$": ("", "", 137),
            "bash -c 'kill -9 $$'; exit $?": ("", None, 137),
            "kill -TERM $$": ("", "", 143),
            "yes | head -1": ("y\n", "", 0),
            "set -o pipefail; yes | head -1 > /dev/null": ("", "", 141),
            "umask": ("0022\n", "", 0),
            "ulimit -c; ulimit -n; ulimit -t; cat /proc/self/oom_score_adj": ("0\n256\n10\n1000\n", "", 0),
            "grep -E 'NoNewPrivs|Seccomp:|SigBlk|SigIgn' /proc/self/status": (
                "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n",
                "",
                0,
            ),
            "ls /proc/$$/fd; true": ("0\n1\n2\n", "", 0),
            "printf '\\xff\\x00a'": (None, "", 0),
            "": ("", "", 0),
            "echo 'übung €'": ("übung €\n", "", 0),
            "if": ("", None, 2),
            "[[ $(cat /proc/self/stat | cut -d' ' -f5) -gt 1 ]]; echo $?": ("0\n", "", 0),
        }
        for cmd, (out, err, code) in cases.items():
            with self.subTest(cmd):
                answer = self.bash(cmd)
                self.assertEqual(answer.started, 1)
                self.assertEqual((answer.code, answer.lost, answer.exit["timed_out"]), (code, False, False), answer.err)
                if out is not None:
                    self.assertEqual(answer.text, out)
                if err is not None:
                    self.assertEqual(answer.err.decode(), err)
                self.assertEqual((answer.files, answer.skipped), ({}, []))

    def test_files_persist(self):
        self.bash("echo 1 > f; mkdir d; echo 2 > /tmp/session-test")
        self.assertEqual(self.bash("cat f /tmp/session-test; rm /tmp/session-test; ls").text, "1\n2\nd\nf\n")

    def test_background_processes_live_on_and_hold_nothing_up(self):
        start = time.monotonic()
        answer = self.bash("(while :; do echo tick; sleep 0.01; done) & echo $!")
        self.assertLess(time.monotonic() - start, 5)
        pid = int(answer.text.replace("tick", ""))
        time.sleep(0.5)  # with its pipe unread it would be dead by now
        self.assertEqual(self.bash(f"kill -0 {pid} && echo alive").text, "alive\n")
        for timed_out in (self.bash("sleep 9", 0.2), self.python("while True: pass", 0.2)):
            self.assertTrue(timed_out.exit["timed_out"])
        self.assertEqual(self.bash(f"kill -0 {pid} && echo alive; kill {pid}; sleep 0.1; kill -0 {pid} || echo dead").text.split(), ["alive", "dead"])

    def test_commands_talk_to_each_other(self):
        """Also one that connects when its own command has long ended."""
        server = "import http.server as h; h.ThreadingHTTPServer(('127.0.0.1', 8000), h.SimpleHTTPRequestHandler).serve_forever()"
        late = "import time, urllib.request as u; time.sleep(1.5); print(len(u.urlopen('http://127.0.0.1:8000/f').read()))"
        self.bash(f'echo here > f; python3 -c "{server}" 2> /dev/null & python3 -c "{late}" > late 2>&1 & sleep 1')
        code = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8000/f').read())"
        self.assertEqual(self.python(code).text, "b'here\\n'\n")
        self.assertEqual(self.bash(f'python3 -c "{code}"').text, "b'here\\n'\n")
        code = "import os, signal, time; os.kill(os.getpid(), signal.SIGKILL)"
        self.assertTrue(self.python(code).exit["state_lost"])
        code = "import socket; s = socket.create_connection(('127.0.0.1', 8000)); s.close(); print(s.family)"
        self.assertEqual(self.python(code).text, "2\n")
        self.assertEqual(self.bash("while [ ! -s late ]; do sleep 0.1; done; cat late").text, "5\n")

    def test_a_server_in_the_background_keeps_its_output(self):
        self.bash("python3 -uc 'import time\nwhile True: print(\"x\" * 100000); open(\"beat\", \"a\").write(\"x\"); time.sleep(.05)' &")
        sizes = []
        for _ in range(2):
            time.sleep(1)
            sizes.append(os.path.getsize(os.path.join(self.workspace, "beat")))
        self.assertGreater(sizes[1], sizes[0])

    def test_time_is_up_for_all_descendants_and_for_no_others(self):
        self.bash("sleep 301 & setsid sleep 302 & disown -a")
        programs = {
            "plain": "sleep 201",
            "shell": "while :; do :; done",
            "deaf": "trap '' TERM INT HUP; while :; do sleep 201; done",
            "children": "sleep 201 & sleep 201 & sleep 201",
            "daemon": "(setsid bash -c 'sleep 201 & sleep 201' &); (setsid sleep 201 &) ; sleep 201",
            "stopped": "sleep 201 & kill -STOP $!; kill -STOP $$",
            "python": "python3 -c 'import os,time\nif not os.fork():\n os.setsid()\n if not os.fork(): os.execvp(\"sleep\", [\"sleep\", \"201\"])\n os._exit(0)\ntime.sleep(201)'",
            "threads": "python3 -c 'import threading,time,ctypes\nthreading.Thread(target=time.sleep,args=(201,)).start()\nctypes.CDLL(None).pthread_exit(0)'",
            "forks": "f() { f | f & }; f; sleep 201",
            "bomb": "python3 -c 'import os\nwhile True:\n try: os.fork()\n except OSError: pass'",
        }
        if not processes_limited():
            del programs["forks"], programs["bomb"]
        other = Connection()
        other.bash("sleep 6; echo unharmed", 60)
        for name, cmd in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                answer = self.bash(cmd, 0.5)
                self.assertLess(time.monotonic() - start, 3.5)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.exit["signal"]), (None, True, 9))
                self.assertEqual(self.sleepers(), ["301", "302"])
        answer = other.answer()
        other.close()
        if "bomb" not in programs:
            self.assertEqual((answer.text, answer.code), ("unharmed\n", 0))
        self.assertEqual(self.bash("echo ok").text, "ok\n")

    def await_sleepers(self, expected):
        limit = time.monotonic() + 5
        while self.sleepers() != expected and time.monotonic() < limit:
            time.sleep(0.01)
        self.assertEqual(self.sleepers(), expected)

    def test_hanging_up_ends_the_command(self):
        with Connection() as connection:
            connection.bash("echo started; (setsid sleep 201 &); sleep 201")
            connection.expect(b"B")
            connection.expect(b"O")
            self.await_sleepers(["201", "201"])  # or there would be none yet when we look for their end
        self.await_sleepers([])

    def test_commands_run_side_by_side(self):
        connections = [Connection() for _ in range(8)]
        start = time.monotonic()
        for number, connection in enumerate(connections):
            connection.bash(f"sleep 1; echo {number}")
        self.assertEqual([connection.answer().text for connection in connections], [f"{n}\n" for n in range(8)])
        self.assertLess(time.monotonic() - start, 5)
        for connection in connections:
            connection.close()

    def test_output_is_limited_and_drained(self):
        answer = self.bash("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; exit 4")
        self.assertEqual((len(answer.out), len(answer.err), answer.code), (1_000_000, 1_000_000, 4))
        self.assertTrue(answer.exit["stdout_truncated"] and answer.exit["stderr_truncated"])

    def test_the_cpu_limit(self):
        self.reopen(cpu_seconds=1)
        for cmd in ("while :; do :; done", "(while :; do :; done); exit $?"):
            with self.subTest(cmd):
                answer = self.bash(cmd)
                self.assertEqual((answer.code, answer.exit["cpu"], answer.exit["oom"]), (152, True, False))
        answer = self.python("x = 1\nwhile True: pass")
        self.assertEqual((answer.code, answer.exit["cpu"], answer.lost, answer.exit["timed_out"]), (152, True, False, False))
        self.assertEqual(self.python("x").text, "1\n")  # each command has its own limit
        self.assertEqual(self.python("import time\nwhile time.process_time() % 1 < .7: pass\nprint('ok')").text, "ok\n")

    def test_one_millisecond_is_too_short(self):
        self.assertTrue(self.bash("sleep 1", 0.001).exit["timed_out"])
        self.assertTrue(self.python("import time; time.sleep(1)", 0.001).exit["timed_out"])
        self.python("import os; os._exit(0)")
        for _ in range(20):  # of which the interpreter is ready for some
            answer = self.python("1", 0.001)
            self.assertFalse(answer.lost)
