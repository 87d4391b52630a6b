"""Programs run as they do in an interpreter of their own, which is the oracle."""
import importlib.util
import re
import sys

from harness import RunnerTest, setUpModule, survivors


class SemanticsTest(RunnerTest):
    """Each program runs twice, in the sandbox and as `python3 /workspace/__main__.py`, and must not notice."""

    PROGRAMS = {
        "names": "print(dir()); print(list(globals())); print(__annotations__ if '__annotations__' in globals() else None)",
        "main attributes": "print(__name__, __doc__, __package__, type(__loader__), __loader__.name, __loader__.path, __spec__, __file__, __cached__, __builtins__)",
        "docstring": "'doc'\nprint(__doc__)",
        "main is registered": "import sys, __main__; print(__main__.__dict__ is globals(), sys.modules['__main__'] is __main__)",
        "arguments": "import sys; print(sys.argv, sys.path, sys.flags, sys.executable, sys.dont_write_bytecode)",
        "original arguments": "import sys; print(getattr(sys, 'orig_argv', [None])[1:])",
        "environment": "import os, sys; print(sorted(os.environ.items())); os.system('env | grep -v ^_= | sort'); sys.exit(0)",
        "directory": "import os; print(os.getcwd(), oct(os.umask(0)))",
        "encodings": "import sys, locale; print(sys.getfilesystemencoding(), locale.getpreferredencoding(), sys.getdefaultencoding(), locale.setlocale(locale.LC_ALL))",
        "streams": """
            import sys
            for s in (sys.stdin, sys.stdout, sys.stderr):
                print(s, type(s), s.name, s.mode, s.encoding, s.errors, s.newlines, s.line_buffering, s.write_through)
                print(s.fileno(), s.isatty(), s.seekable(), s.closed, type(s.buffer), s.buffer.name, s.buffer.mode, s.buffer.closefd if hasattr(s.buffer, 'closefd') else s.buffer.raw.closefd)
            print(sys.stdout is sys.__stdout__, sys.stdin is sys.__stdin__, sys.stderr is sys.__stderr__)
            """,
        "signals": "import signal; print([(int(n), str(signal.getsignal(n))) for n in sorted(signal.valid_signals())]); print(signal.pthread_sigmask(0, []))",
        "threads": "import threading; print(threading.main_thread() is threading.current_thread(), threading.active_count(), threading.current_thread())",
        "process": "import os; print(os.getuid(), os.getgroups(), sorted(os.listdir('/proc/self/fd'))[:3])",
        "stdin": "import sys; print(repr(sys.stdin.readline())); print(repr(input())); print(repr(sys.stdin.read()))",
        "stdin bytes": "import sys; print(sys.stdin.buffer.read())",
        "input until the end": "while True: print(input())",
        "unencodable": "import sys; sys.stderr.write('\\ud800\\n'); print('\\ud800')",
        "exception": "def f(x):\n    return 1 / x\n\n\nf(\n    0\n)",
        "chained": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('b') from e",
        "in a handler": "try:\n    {}['a']\nexcept KeyError:\n    int('x')",
        "from none": "try:\n    {}['a']\nexcept KeyError:\n    raise ValueError from None",
        "no context of ours": "import sys\nprint(sys.exc_info())\ntry: 1/0\nexcept ZeroDivisionError as e: print(e.__context__, e.__cause__)",
        "exception without text": "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "name error": "pirnt('x')",
        "attribute error": "import math\nmath.sqr(2)",
        "groups": "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])" if sys.version_info >= (3, 11) else "pass",
        "syntax error": "x = 1\nif x\n    pass\n",
        "unclosed": "print((1, 2\n" if sys.version_info >= (3, 10) else "",  # 3.9 puts the end elsewhere when it reads a file
        "indentation": "if 1:\npass\n",
        "tabs": "if 1:\n        a = 1\n\tb = 2\n",
        "return outside": "x = 1\nreturn 5\n",
        "global late": "def f():\n    x = 1\n    global x\n",
        "future": "from __future__ import annotations\ndef f(x: no_such_name): pass\nprint(f.__annotations__)",
        "future late": "x = 1\nfrom __future__ import annotations\n",
        "future unknown": "from __future__ import braces\n",
        "cookie": "# -*- coding: latin-1 -*-\nprint(ascii('é'))".encode("latin-1"),
        "byte order mark": b"\xef\xbb\xbfprint('bom')\nraise ValueError('\xc3\xa9')",
        "crlf": b"print(1)\r\nif 1:\r\n    print('''a\r\nb'''.encode())\r\nraise ValueError",
        "no newline": b"print(1)\nraise ValueError  # end",
        "empty": b"",
        "only a comment": "# nothing",
        "form feed": b"\x0cprint(1)\n",
        "deep": "x = " + "(" * 150 + "1" + ")" * 150 + "\nprint(x)",
        "too deep": "x = " + "(" * 5000 + "1" + ")" * 5000,
        "syntax warning": "x = 1\nprint(x is 1)\nprint('\\d')",
        "deprecation warning": "import warnings\nwarnings.warn('old', DeprecationWarning)\nwarnings.warn('user')\nimport json\njson.loads('1')",
        "warning filters": "import warnings; print(warnings.filters)",
        "staged module": "import helper\nhelper.fail()",
        "staged package": "import package.part\nprint(package.part.__file__, package.__path__)",
        "staged module over ours": "import json, select, ctypes\nprint(json.MINE, select.MINE, ctypes.MINE)",
        "staged module under a builtin": "import time, os, sys\nprint(hasattr(time, 'MINE'), hasattr(os, 'MINE'), hasattr(sys, 'MINE'))",
        "a directory is no module": "import struct; print(struct.calcsize('i'))",
        "pickle": "import pickle\nclass A:\n    x = 1\nprint(pickle.loads(pickle.dumps(A())).x, A.__module__)",
        "source": "import inspect\ndef f():\n    return 1\nprint(inspect.getsource(f), inspect.getfile(f))",
        "file is removed": "import os\nos.unlink(__file__)\n1/0",
        "atexit": """
            import atexit
            atexit.register(print, 'first registered')
            atexit.register(print, 'last registered')
            print('main')
            """,
        "atexit after an exception": "import atexit\natexit.register(print, 'exit')\n1/0",
        "atexit fails": "import atexit\natexit.register(print, 'runs')\natexit.register(lambda: 1/0)",
        "atexit sees no file": "import atexit\natexit.register(lambda: print('__file__' in globals(), '__cached__' in globals(), __name__))",
        "thread outlives main": "import threading, time\ndef f():\n    time.sleep(0.1); print('late')\nthreading.Thread(target=f).start()\nprint('main')",
        "daemon thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(99,), daemon=True).start()\nprint('main')",
        "thread fails": "import threading\nt = threading.Thread(target=lambda: 1/0, name='T'); t.start(); t.join()",
        "futures": "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(2)\nf = pool.submit(print, 'done')\nprint(f.result())",
        "finalizer": "import os\nclass A:\n    def __del__(self): print('gone', os.getpid() > 0, B)\nB = 7\na = A()\nprint('main')",
        "finalizer in a cycle": "class A:\n    def __del__(self): print('gone')\na = A(); a.me = a; del a\nprint('main')",
        "finalizer in a module": "import helper\nhelper.keep()\nprint('main')",
        "finalizer after an exception": "class A:\n    def __del__(self): print('gone')\ndef f():\n    a = A()\n    1/0\nf()",
        "finalizer fails": "class A:\n    def __del__(self): 1/0\na = A()\ndel a\nprint('main')",
        "weak finalizer": "import weakref\nclass A: pass\na = A()\nweakref.finalize(a, print, 'finalized')",
        "temporary directory": "import tempfile\nt = tempfile.TemporaryDirectory()\nprint('main')",
        "generator": "def g():\n    try: yield\n    finally: print('closed')\nx = g(); next(x)",
        "buffered file": "f = open('/tmp/out-' + str(__import__('os').getpid()), 'w')\nf.write('text')\nimport os; os.unlink(f.name)",
        "displayhook": "import sys; print(sys.displayhook, sys.excepthook)",
        "excepthook": "import sys\nsys.excepthook = lambda t, e, tb: print('hook', t, e, tb.tb_frame.f_code.co_filename, tb.tb_lineno)\n1/0",
        "excepthook fails": "import sys\ndef hook(*a): raise KeyError('hook')\nsys.excepthook = hook\n1/0",
        "excepthook exits": "import sys\nsys.excepthook = lambda *a: sys.exit(9)\n1/0",
        "traceback module": "import sys, traceback\ntry: 1/0\nexcept Exception: traceback.print_exc(); print(len(traceback.extract_tb(sys.exc_info()[2])))",
        "replaced stdout": "import io, sys\nsys.stdout = io.StringIO()\nprint('lost')",
        "closed stdout": "import sys\nsys.stdout.close()",
        "interrupt": "raise KeyboardInterrupt",
        "interrupt by signal": "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
        "interrupt and atexit": "import atexit\natexit.register(print, 'exit')\nraise KeyboardInterrupt('why')",
        "fork": "import os, sys\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')",
        "fork fails": "import os, sys\npid = os.fork()\nif pid:\n    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\nelse:\n    raise SystemExit(7)",
        "subprocess": "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import sys; print(sys.path[0], sys.stdin.read()); sys.exit(3)'], input='in', text=True, capture_output=True).stdout)",
        "exec": "import os, sys\nos.execv(sys.executable, ['python3', '-c', 'print(5); raise SystemExit(4)'])",
        "asyncio": "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    p = await asyncio.create_subprocess_exec('echo', 'x', stdout=-1)\n    return (await p.communicate())[0]\nprint(asyncio.run(f()))",
        "sockets": """
            import socket, threading
            a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))
            print(socket.getaddrinfo('127.0.0.1', 80)[0][4])
            """,
        "argument of exit": "import sys; sys.exit(['a', 1])",
        "nested exit": "try:\n    raise SystemExit(3)\nfinally:\n    print('finally')",
        "hash": "print(hash(1.5), isinstance(hash('a'), int))",
        "limits": "import sys; print(sys.getrecursionlimit(), sys.getswitchinterval()); import gc; print(gc.isenabled(), gc.get_threshold())",
        "c output": "import ctypes; libc = ctypes.CDLL(None); libc.printf(b'from c\\n'); print('from python')",
        "builtins": "print(exit, quit, type(help), sorted(set(dir(__builtins__)))[-3:])",
        "typing": "import dataclasses, typing\n@dataclasses.dataclass\nclass A:\n    x: int\nprint(typing.get_type_hints(A), A(1))",
        "staged module over ours has an end": "import json; json.keep = json.A()",
        "annotations": "x: int = 1\nprint(__annotations__)",
        "random": "import random; random.seed(1); print(random.random())",
        "walrus and match": "(y := 5)\nprint(y)",
    }
    FILES = {
        "helper.py": b"class A:\n    def __del__(self): print('module object gone')\ndef keep():\n    global a\n    a = A()\ndef fail():\n    raise LookupError('helper')\n",
        "package/__init__.py": b"",
        "package/part.py": b"",
        "struct/data.csv": b"1,2",
    }
    SHADOWS = {name: b"MINE = 1\nclass A:\n    def __del__(self): print('shadow gone')\n" for name in ("json.py", "select.py", "ctypes/__init__.py", "time.py", "os.py", "sys.py")}
    STDIN = "first\r\nsecond é\nthird".encode()

    def check(self, code, files=(), stdin=b"", **config):
        expected = self.run_python(code, files, stdin)
        result = self.run_program(code, files, stdin, **config)
        self.assertEqual(comparable(bytes(result.out), bytes(result.err), result.code), comparable(*expected))
        self.assertEqual(survivors(), [])

    def test_programs_behave_as_in_python(self):
        for name, code in self.PROGRAMS.items():
            files = {**self.FILES, **(self.SHADOWS if name.startswith("staged module over") or "builtin" in name else {})}
            with self.subTest(name):
                self.check(code, files, self.STDIN)

    def test_exit_codes(self):
        codes = ["None", "0", "1", "255", "256", "-1", "True", "'message'", "1.5", "2**31", "b'x'", "''"]
        for code in codes:
            with self.subTest(code):
                self.check(f"import sys; sys.exit({code})")
        for code in ("os.abort()", "os._exit(255)", "os._exit(256)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)"):
            with self.subTest(code):
                self.check(f"import os; {code}")

    def test_process_pools(self):
        for method in ("fork", "spawn", "forkserver"):
            with self.subTest(method):
                self.check(
                    f"""
                    import multiprocessing, sys
                    from concurrent.futures import ProcessPoolExecutor
                    def square(x): return x * x
                    if __name__ == "__main__":
                        context = multiprocessing.get_context({method!r})
                        with context.Pool(2) as pool: print(pool.map(square, range(5)))
                        with ProcessPoolExecutor(2, mp_context=context) as pool: print(list(pool.map(square, range(5))))
                        queue = context.Queue()
                        process = context.Process(target=queue.put, args=("from a child",))
                        process.start(); print(queue.get()); process.join(); print(process.exitcode)
                    """
                )

    def test_preloaded_modules_make_no_difference(self):
        preload = ["json", "multiprocessing", "logging", "unittest", "concurrent.futures", "asyncio", "random", "ctypes.util"]
        for name in ("threads", "futures", "asyncio", "signals", "atexit", "finalizer", "staged module over ours", "staged module over ours has an end", "thread fails", "exception", "fork"):
            code = self.PROGRAMS[name]
            files = {**self.FILES, **(self.SHADOWS if "over ours" in name else {})}
            with self.subTest(name):
                self.check(code, files, preload=preload)


def comparable(out, err, code):
    """Without addresses and thread identities."""
    return tuple(re.sub(rb"0x[0-9a-f]+|started \d+", b"", text) for text in (out, err)) + (code,)


class InteractiveTest(RunnerTest):
    PROGRAMS = {
        "1 + 1": "2\n",
        "x = 5": "",
        "None": "",
        "x = 5\nx": "5\n",
        "x = 5; x": "5\n",
        "'text'": "'text'\n",
        "'doc'\n__doc__": "'doc'\n",
        "print('a')": "a\n",
        "[1,\n 2]": "[1, 2]\n",
        "def f():\n    return 1\nf()": "1\n",
        "if 1:\n    5": "",
        "": "",
        "# only": "",
        "from __future__ import annotations\ndef f(x: nope): pass\nf.__annotations__": "{'x': 'nope'}\n",
        "import sys\nsys.displayhook = lambda v: print('hook', v)\n3": "hook 3\n",
        "4\nimport builtins\n5": "5\n",
        "'doc'": "'doc'\n",
        "dir()": None,
        "list(globals())": None,
        "sorted(globals())": None,
        "(lambda: __name__)()": "'__main__'\n",
        "5\n'\\ud800'": "'\\ud800'\n",
        "...": "Ellipsis\n",
        "x = 1 # c\nx # c": "1\n",
    }
    ERRORS = ("\n\n1/0", "x = [\n]\nx[\n5\n]", "yield 1", "x = 1\n(yield 2)", "nope", "f(]", "x = 1\n  y", "'\\d'", "x = 1\nx is 1\nx is 1", "return")

    def test_last_expression_is_shown(self):
        for code, expected in self.PROGRAMS.items():
            with self.subTest(code):
                if expected is None:
                    expected = self.run_python(f"print({code})")[0].decode()
                result = self.run_program(code, interactive=True)
                self.assertEqual((result.text, bytes(result.err), result.code), (expected, b"", 0))

    def test_a_lone_string_is_still_the_docstring(self):
        result = self.run_program("import atexit; atexit.register(lambda: print(__doc__))\n'x'", interactive=True)
        self.assertEqual(result.text, "'x'\nNone\n")
        result = self.run_program("'x'", {"usercustomize.py": b""}, interactive=True)
        self.assertEqual(result.text, "'x'\n")

    def test_errors_are_those_of_the_interpreter(self):
        for code in self.ERRORS:
            with self.subTest(code):
                expected = self.run_python(code)
                result = self.run_program(code, interactive=True)
                self.assertEqual((bytes(result.err), result.code), expected[1:])


class LibrariesTest(RunnerTest):
    """Only where the image has them."""

    def setUp(self):
        super().setUp()
        if not importlib.util.find_spec("pandas") or not importlib.util.find_spec("sklearn"):
            self.skipTest("no pandas, no sklearn here")

    def test_preloaded_libraries_work(self):
        result = self.run_program(
            """
            import pandas as pd, numpy as np, matplotlib, matplotlib.pyplot as plt
            from sklearn.linear_model import LinearRegression
            from sklearn.ensemble import RandomForestRegressor
            df = pd.DataFrame({"x": range(100), "y": [2 * i for i in range(100)]})
            model = LinearRegression().fit(df[["x"]], df["y"])
            RandomForestRegressor(n_estimators=4, n_jobs=2).fit(df[["x"]], df["y"])
            df.plot(x="x", y="y"); plt.savefig("plot.png")
            print(round(model.coef_[0], 6), matplotlib.get_backend().lower(), np.arange(3).sum())
            df.describe()
            """,
            preload=["numpy", "pandas", "matplotlib.pyplot", "sklearn.linear_model"],
            interactive=True,
        )
        self.assertEqual(result.code, 0, result.err)
        self.assertTrue(result.text.startswith("2.0 agg 3\n"), result.text)
        self.assertEqual(list(result.files), ["plot.png"])
        self.assertTrue(result.files["plot.png"].startswith(b"\x89PNG"))
