"""The interpreter of a session."""
import contextlib
import textwrap
import time

from harness import processes_limited, setUpModule
from session_harness import Connection, Refused, SessionTest


class PythonTest(SessionTest):
    def test_one_namespace(self):
        steps = [
            ("x = 5\nx", "5\n", "", 0),
            ("x + 1", "6\n", "", 0),
            ("_ * 2", "12\n", "", 0),
            ("import math\ndef f(n):\n    return g(n)\n", "", "", 0),
            ("def g(n):\n    return math.factorial(n)\nf(5)", "120\n", "", 0),
            ("__name__, '__file__' in globals()", "('__main__', False)\n", "", 0),
            ("sorted(n for n in globals() if not n.startswith('_'))", "['f', 'g', 'math', 'x']\n", "", 0),
            ("import __main__; __main__.__dict__ is globals()", "True\n", "", 0),
            ("raise SystemExit", "", "", 0),
            ("raise SystemExit(7)", "", "", 7),
            ("exit('bye')", "", "bye\n", 1),
            ("input()", "line\n'line'\n"[5:], "", 0),
            ("import sys; sys.argv, sys.stdin.read()", "([''], 'line\\n')\n", "", 0),
            ("quit()", "", "", 0),
            ("import sys; sys.stdin.read()", "'line\\n'\n", "", 0),
            ("import os; os.getcwd() == sys.path[0]", "True\n", "", 0),
            ("class A: pass\nimport pickle; type(pickle.loads(pickle.dumps(A()))) is A", "True\n", "", 0),
            ("import inspect; inspect.getsource(f)", "'def f(n):\\n    return g(n)\\n'\n", "", 0),
            ("y: int = 1\n__annotations__ if sys.version_info < (3, 14) else {'y': int}", "{'y': <class 'int'>}\n", "", 0),
            ("from __future__ import annotations\ndef h(a: nope): pass\nh.__annotations__", "{'a': 'nope'}\n", "", 0),
            ("print('a'); print('b', file=sys.stderr)", "a\n", "b\n", 0),
            ("sys.stdout.close(); sys.stderr.close()", "", "", 0),
            ("print('again'); print('b', file=sys.stderr)", "again\n", "b\n", 0),
            ("import subprocess; subprocess.run(['echo', 'child']).returncode", "child\n0\n", "", 0),
            ("pid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')", "child\nparent\n", "", 0),
            ("pid = os.fork()\nif not pid: sys.exit(7)\nos.waitpid(pid, 0)[1] >> 8", "7\n", "", 0),
            ("import threading; t = threading.Thread(target=print, args=('t',)); t.start(); t.join()", "t\n", "", 0),
            ("import multiprocessing as m\nwith m.get_context('fork').Pool(2) as p: print(p.map(abs, [-1, 2]))", "[1, 2]\n", "", 0),
            ("x", "5\n", "", 0),
        ]
        for code, out, err, status in steps:
            with self.subTest(code):
                answer = self.python(code, stdin=b"line\n")
                self.assertEqual((answer.text, answer.err.decode(), answer.code, answer.lost), (out, err, status, False))
                self.assertEqual(answer.started, 1)

    def test_tracebacks_show_the_program_only_and_its_source(self):
        self.python("def f(x):\n    return 1 / x  # the culprit\n")
        answer = self.python("\n\nf(0)  # the caller")
        self.assertEqual(answer.code, 1)
        lines = [line for line in answer.err.decode().splitlines() if set(line) - set(" ~^")]
        self.assertEqual(
            lines,
            [
                "Traceback (most recent call last):",
                '  File "<python-2>", line 3, in <module>',
                "    f(0)  # the caller",
                '  File "<python-1>", line 2, in f',
                "    return 1 / x  # the culprit",
                "ZeroDivisionError: division by zero",
            ],
        )
        for code, last in {
            "x = (": "SyntaxError",
            "raise KeyError('a') from ValueError()": "KeyError: 'a'",
            "'\\ud800'.encode()": "UnicodeEncodeError",
            b"# coding: nope\n": "SyntaxError",
            b"\xff": "SyntaxError",
            "def f(): f()\nf()": "RecursionError",
            "import sys; sys.excepthook = 5\n1/0": "ZeroDivisionError",
            "sys.excepthook = sys.__excepthook__\n1/0": "ZeroDivisionError",
            "class E(BaseException): pass\nraise E": "E",
            "(" * 5000: "",
        }.items():
            with self.subTest(code[:50]):
                answer = self.python(code)
                self.assertEqual((answer.code, answer.lost), (1, False), answer.err)
                self.assertIn(last, answer.err.decode())
                self.assertNotIn("runner", answer.err.decode().replace("_ctypes/runner", ""))
        answer = self.python("raise KeyboardInterrupt")
        self.assertEqual((answer.code, answer.lost), (130, False))
        self.assertEqual(self.python("1").text, "1\n")

    def test_a_timeout_keeps_the_state_of_what_obeys(self):
        self.python("x = 1")
        programs = {
            "loop": "while True: pass",
            "sleep": "import time; time.sleep(99)",
            "child": "import subprocess; subprocess.run(['sleep', '201'])",
            "shell": "import os; os.system('sleep 201')\nwhile True: pass",
            "daemon": "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork(): os.execvp('sleep', ['sleep', '201'])\n    os._exit(0)\ntime.sleep(99)",
            "caught": "import time\ntry: time.sleep(99)\nexcept KeyboardInterrupt: print('caught')",
            "input": "input()",
            "asyncio": "import asyncio; asyncio.run(asyncio.sleep(99))",
            "output": "while True: print('x' * 1000)",
        }
        for name, code in programs.items():
            with self.subTest(name):
                start = time.monotonic()
                with Connection() as connection:
                    connection.python(code, 0.5, None)
                    answer = connection.answer()
                self.assertLess(time.monotonic() - start, 3)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.lost), (None, True, False), answer.err)
                self.assertEqual(self.sleepers(), [])
                self.assertEqual(self.python("x").text, "1\n")

    def test_a_timeout_costs_the_state_of_what_does_not(self):
        programs = {
            "blocked": "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [2])\ntime.sleep(9)",
            "deaf": "import time\nwhile True:\n    try: time.sleep(9)\n    except KeyboardInterrupt: pass",
            "ignoring": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(9)",
            "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
            "exec": "import os; os.execvp('sleep', ['sleep', '201'])",
            "bomb": "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    try: os.fork()\n    except OSError: pass",
            "closed": "import os\nos.closerange(3, 250)\nwhile True: pass",
        }
        if not processes_limited():
            del programs["bomb"]
        for name, code in programs.items():
            with self.subTest(name):
                self.python("x = 1")
                start = time.monotonic()
                answer = self.python(code, 0.5)
                self.assertLess(time.monotonic() - start, 5)
                self.assertEqual((answer.code, answer.exit["timed_out"], answer.lost), (None, True, True))
                self.assertEqual(self.sleepers(), [])
                answer = self.python("'x' in globals()")
                self.assertEqual((answer.text, answer.lost), ("False\n", False))

    def test_a_command_finds_room_where_the_program_left_none(self):
        for take in (
            "keep = []\ntry:\n  while True: keep.append(open('/dev/null'))\nexcept OSError: print('all')",
            "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0)); print('all')",
        ):
            with self.subTest(take):
                self.assertEqual(self.python(take).text, "all\n")
                answer = self.python("print('on')")
                self.assertEqual((answer.text, answer.code), ("on\n", 0))
        self.assertEqual(self.python("import sys; sys.stdout.seekable()").text, "False\n")

    def test_the_death_of_the_interpreter_is_reported(self):
        for code, status, number in (
            ("import os; print('last', flush=True); os._exit(5)", 5, None),
            ("import os; print('last', flush=True); os.kill(os.getpid(), 9)", 137, 9),
            ("import ctypes; print('last', flush=True); ctypes.string_at(0)", 139, 11),
            ("import os; print('last', flush=True); os.abort()", 134, 6),
        ):
            with self.subTest(code):
                self.python("x = 1")
                answer = self.python(code)
                self.assertEqual((answer.text, answer.code, answer.exit["signal"], answer.lost), ("last\n", status, number, True))
                answer = self.python("'x' in globals()")
                self.assertEqual((answer.text, answer.lost), ("False\n", False))
        self.python("import os, threading; threading.Timer(.1, os._exit, [3]).start()")
        time.sleep(0.5)
        answer = self.python("1")
        self.assertEqual((answer.text, answer.lost), ("1\n", True))
        self.assertFalse(self.python("1").lost)

    def test_children_live_on_unless_their_command_was_ended(self):
        self.python("import subprocess; a = subprocess.Popen(['sleep', '301'])")
        self.python("import time; b = subprocess.Popen(['sleep', '302']); time.sleep(99)", 0.5)
        self.assertEqual(self.sleepers(), ["301"])
        self.assertEqual(self.python("a.poll(), b.wait()").text, "(None, -9)\n")
        self.python("import os; os._exit(0)")
        self.assertEqual(self.sleepers(), ["301"])
        self.python("import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass", 0.3)
        self.assertEqual(self.sleepers(), ["301"])

    def test_hanging_up_ends_the_command(self):
        self.python("x = 1")
        with Connection() as connection:
            connection.python("import subprocess; print(0); subprocess.run(['sleep', '201'])", stdin=None)
            connection.expect(b"B")
            connection.expect(b"O")
        for _ in range(100):
            with contextlib.suppress(Refused):
                answer = self.python("x")
                break
            time.sleep(0.02)
        self.assertEqual((answer.text, answer.lost), ("1\n", False))
        self.assertEqual(self.sleepers(), [])

    def test_only_one_at_a_time(self):
        with Connection() as first:
            first.python("input()", stdin=None)
            first.expect(b"B")
            for _ in range(3):
                self.assertEqual(self.refusal(lambda: self.python("1")), "busy")
            self.assertEqual(self.bash("echo meanwhile").text, "meanwhile\n")
            first.send(b"I", b"line\n")
            self.assertEqual(first.answer().text, "'line'\n")
        self.assertEqual(self.python("1").text, "1\n")

    def test_streams(self):
        self.assertEqual(self.python("import sys, zlib; d = sys.stdin.buffer.read(); len(d)", stdin=bytes(5_000_000)).text, "5000000\n")
        self.assertEqual(self.python("sys.stdin.readline()", stdin=b"a\nb\n").text, "'a\\n'\n")
        self.assertEqual(self.python("sys.stdin.read()", stdin=b"new").text, "'new'\n")
        self.assertEqual(self.python("1", stdin=bytes(5_000_000)).text, "1\n")
        self.assertEqual(len(self.python("print('x' * 3_000_000)").out), 1_000_000)
        self.python("import logging; logging.basicConfig(); log = logging.getLogger()")
        self.assertEqual(self.python("log.warning('w')").err, b"WARNING:root:w\n")
        self.python("import threading, time\ndef late():\n    time.sleep(.3); print('late')\nt = threading.Thread(target=late); t.start()")
        self.assertEqual(self.python("t.join(); 'joined'").text.splitlines()[-1], "'joined'")

    def test_hostile_replies_to_the_keeper(self):
        attempts = {
            "garbage": "for _ in range(2000):\n    try: s.send(b'\\xff' * 60)\n    except OSError: break",
            "flood": "import threading\ndef flood():\n    while True: s.send(b'1 ' + b'9' * 50)\nthreading.Thread(target=flood, daemon=True).start()\nimport time; time.sleep(.3)",
            "other numbers": "for n in range(100): s.send(b'%d 0' % n)",
            "huge": "s.send(bytes(100_000))",
            "shutdown": "s.shutdown(2)",
            "descriptors": "import array; s.sendmsg([b'x 0'], [(1, 1, array.array('i', [0] * 50))])",
        }
        find = """
            import os, socket
            for fd in map(int, os.listdir("/proc/self/fd")):
                try:
                    s = socket.socket(fileno=os.dup(fd))
                    if s.type == socket.SOCK_SEQPACKET: break
                except OSError: pass
            s.setblocking(False)
            """
        for name, code in attempts.items():
            with self.subTest(name):
                with contextlib.suppress(Refused):
                    self.python(textwrap.dedent(find) + code, 2)
                self.assertEqual(self.bash("echo ok").text, "ok\n")
                self.python("import os; os._exit(0)", 1)
                self.assertEqual(self.python("1 + 1").text, "2\n")

    def test_staged_modules_import(self):
        self.reopen({"helper.py": b"X = 4", "json.py": b"MINE = 1", "traceback.py": b"raise SystemExit(9)"})
        self.assertEqual(self.python("import helper, json; helper.X, json.MINE").text, "(4, 1)\n")
        self.assertEqual(self.python("1/0").code, 1)
        self.assertEqual(self.ask(b"W", False).sizes, {"helper.py": 5, "json.py": 8, "traceback.py": 19})
