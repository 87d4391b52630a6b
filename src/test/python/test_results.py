"""What programs show, through the runner, and those that abuse the way."""
import os
import unittest

from harness import Client, RunnerTest, setUpModule, survivors
from session_harness import SessionTest

SHOWS = {"results": 100, "result_bytes": 1_000_000}
FIND = """
import os
def link(fd):
    try: return os.readlink(f"/proc/self/fd/{fd}")
    except OSError: return ""
pipe = [fd for fd in map(int, os.listdir("/proc/self/fd")) if fd > 2 and link(fd).startswith("pipe:")]
def message(kind, content=b"", item=b"12345678"):
    return item + kind + len(content).to_bytes(2, "big") + content
def form(kind, content): return message(b"F", len(content).to_bytes(8, "big") + b"d" + kind) + message(b"C", content)
"""
# What each does after it has shown 1, and the plain texts of what is shown then.
HOSTILE = {
    "rubbish": ("os.write(pipe[0], os.urandom(100_000))\ndisplay(2)", ["1"]),
    "endless rubbish": ("import threading\ndef flood():\n    while True: os.write(pipe[0], bytes(4096))\nthreading.Thread(target=flood, daemon=True).start()\nimport time; time.sleep(.2)", ["1"]),
    "endless messages": ("import threading\ndef flood():\n    while True: os.write(pipe[0], message(b'C', b'x'))\nthreading.Thread(target=flood, daemon=True).start()\nimport time; time.sleep(.2)", ["1"]),
    "forged items": ("for i in range(500): os.write(pipe[0], message(b'B') + form(b'text/plain', b'%d' % i) + message(b'E'))", ["1", *map(str, range(99))]),
    "items without an end": ("for i in range(500): os.write(pipe[0], message(b'B'))", ["1"]),
    "a size that is none": ("os.write(pipe[0], message(b'B') + message(b'F', b'\\xff' * 8 + b'dtext/plain') + message(b'E'))\ndisplay(3)", ["1", "3"]),
    "a name of its own": ("os.write(pipe[0], message(b'B') + form(b'image/../../x', b'x') + form(b'text/plain', b'2') + message(b'E'))", ["1", "2"]),
    "a large pipe that does not wait": ("import fcntl\nfcntl.fcntl(pipe[0], 1031, 1 << 20)\nos.set_blocking(pipe[0], False)\nfor i in range(3): display(i)", ["1", "0", "1", "2"]),
    "closed": ("os.close(pipe[0])\ndisplay(2)", ["1"]),
    "another file under its number": ("import shutil\nfd = os.open('mine', os.O_CREAT | os.O_RDWR)\nos.close(pipe[0])\nimport resource\ntry: os.dup2(fd, pipe[0])\nexcept OSError: pass\ndisplay(2)\nprint(os.path.getsize('mine'))", ["1"]),
    "a form that forks": ("class F:\n    def _repr_html_(self): return str(os.fork())\n    def __repr__(self): return 'f'\ndisplay(F())\nimport time; time.sleep(.1)", None),
    "a form that never ends": ("class F:\n    def _repr_html_(self):\n        while True: pass\ndisplay(F())", ["1"]),
    "forms that print and raise": ("class F:\n    def _repr_html_(self): print('p'); return 'h'\n    def _repr_latex_(self): raise SystemError\n    def __repr__(self): return 'f'\ndisplay(F())", ["1", "f"]),
    "a form that closes": ("class F:\n    def _repr_html_(self): os.closerange(3, 4096); return 'h'\ndisplay(F())", ["1"]),
    "1 GB": ("class F:\n    def _repr_png_(self): return bytes(1 << 30)\n    def _repr_html_(self): return 'x' * (32 << 20)\n    def __repr__(self): return 'f'\ndisplay(F())", ["1", "f"]),
    "processes that are killed while they show": ("class B:\n    def __repr__(self): return 'b'\n    def _repr_png_(self): return bytes(900_000)\nimport signal, time\nfor i in range(5):\n    pid = os.fork()\n    if not pid:\n        while True: display(B())\n    time.sleep(.01); os.kill(pid, 9); os.waitpid(pid, 0)\ndisplay('end')", None),
}


class HostileTest(RunnerTest):
    def test_programs(self):
        for name, (code, shown) in HOSTILE.items():
            with self.subTest(name):
                result = self.run_program(FIND + "display(1)\n" + code, timeout=2, **SHOWS)
                texts = [item["data"].get("text/plain") for item in result.shown]
                self.assertEqual(texts[:1], ["1"])
                if shown is not None:
                    self.assertEqual(texts, shown)
                self.assertEqual(result.exit["timed_out"], "never ends" in name)
                self.assertEqual(result.text.splitlines()[0], "1")
                self.assertEqual(survivors(), [])

    def test_the_last_of_killed_processes_is_whole(self):
        result = self.run_program(FIND + "display(1)\n" + HOSTILE["processes that are killed while they show"][0], **SHOWS)
        self.assertEqual(result.shown[-1]["data"]["text/plain"], "'end'")


class ResultsTest(RunnerTest):
    def test_files_count_with_those_of_the_workspace(self):
        code = """
            class P:
                def _repr_png_(self): return bytes(600_000)
            for i in range(3): display(P())
            for i in range(3): open(f"f{i}", "wb").write(bytes(600_000))
            """
        result = self.run_program(code, output_total_bytes=2_000_000, **SHOWS)
        self.assertEqual([len(item["files"]) for item in result.shown], [1, 1, 1])
        self.assertEqual(len(result.files), 0)
        self.assertEqual({reason for _, reason in result.skipped}, {"total_size"})
        result = self.run_program(code, output_files=4, **SHOWS)
        self.assertEqual((sum(len(item["files"]) for item in result.shown), len(result.files)), (3, 1))

    def test_descriptors_are_the_programs(self):
        code = """
            import os, resource
            fds = [os.open("/dev/null", 0) for _ in range(5)]
            print(fds, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            for fd in range(3, resource.getrlimit(resource.RLIMIT_NOFILE)[0]):
                try: os.close(fd)
                except OSError: pass
            display("still")
            """
        result = self.run_program(code, open_files=256, **SHOWS)
        self.assertEqual(result.text.splitlines()[0], "[3, 4, 5, 6, 7] 256")
        self.assertEqual(result.shown[0]["data"]["text/plain"], "'still'")

    def test_what_is_shown_is_in_order_with_the_output(self):
        order = []
        with Client(self.workspace, **SHOWS) as client:
            client.ready()
            client.start("for i in range(30):\n    print(f'o{i}')\n    display(i)", results=True)
            client.stdin(b"")
            while (frame := client.receive())[0] != b"Z":
                if frame[0] == b"O":
                    order += frame[1].decode().split()
                elif frame[0] == b"X":
                    order.append("*")
        self.assertEqual(order, [word for i in range(30) for word in (f"o{i}", "*", str(i))])

    def test_nothing_is_shown_unless_it_is_wanted(self):
        for limits, shows in ((SHOWS, False), ({}, True)):
            result = self.run_program("print('display' in dir(__builtins__)); import os; print(len(os.listdir('/proc/self/fd')))\n5", interactive=True, shows=shows, **limits)
            self.assertEqual((result.text, result.shown), ("False\n4\n5\n", []))

    @unittest.skipUnless(os.path.exists("/usr/lib/python3/dist-packages/matplotlib"), "needs matplotlib")
    def test_figures_with_libraries_that_were_there_before(self):
        code = "import matplotlib.pyplot as plt, os\nplt.plot([1, 2]); plt.show()\nplt.plot([3]); plt.savefig('s.png'); plt.close()\nplt.plot([4])"
        for preload in ((), ["numpy", "matplotlib.pyplot"]):
            result = self.run_program(code, preload=preload, output_file_bytes=1 << 20, open_files=1024, **SHOWS)
            self.assertEqual((result.text, result.err), ("", b""))
            self.assertEqual([list(item["files"]) for item in result.shown], [["figure-1.png"], ["figure-2.png"]])
            self.assertEqual(list(result.files), ["s.png"])
            for item in result.shown:
                self.assertTrue(next(iter(item["files"].values())).startswith(b"\x89PNG"))
            plain = self.run_program("import matplotlib.pyplot as plt\nplt.plot([1]); plt.show(); print(plt.get_fignums())", preload=preload, shows=False, **SHOWS)
            self.assertEqual((plain.text, plain.shown), ("[1]\n", []))


class SessionResultsTest(SessionTest):
    CONFIG = {**SHOWS, "notebook": True}

    def test_each_command_has_its_own(self):
        self.assertEqual([item["data"]["text/plain"] for item in self.python("display(1)\nx = 2\nx").shown], ["1", "2"])
        self.assertEqual(self.python("y = 3").shown, [])
        self.assertEqual(self.python("x + y").shown[0]["data"], {"text/plain": "5"})
        off = self.python("print('display' in dir(__builtins__))\n5", results=False)
        self.assertEqual((off.text, off.shown), ("False\n5\n", []))
        self.assertEqual(len(self.python("display(4)").shown), 1)
        self.assertEqual(self.python("import os; len(os.listdir('/proc/self/fd'))", results=False).text, self.python("len(os.listdir('/proc/self/fd')) - 1").text)

    def test_files_have_numbers_of_the_command(self):
        code = "class P:\n    def _repr_png_(self): return b'png'\ndisplay(P())"
        self.assertEqual([list(self.python(code).shown[0]["files"]) for _ in range(2)], [["display-1.png"]] * 2)
        self.python("open('display-1.png', 'w').close()")
        answer = self.python(code)
        self.assertEqual((list(answer.shown[0]["files"]), answer.files), (["display-2.png"], {}))

    def test_hostile_commands_end_alone(self):
        for name, (code, shown) in HOSTILE.items():
            with self.subTest(name):
                answer = self.python(FIND + "display(1)\n" + code, 2, interactive=False)
                texts = [item["data"].get("text/plain") for item in answer.shown]
                self.assertEqual(texts[:1], ["1"])
                if shown is not None and "another file" not in name:
                    self.assertEqual(texts, shown)
                if "endless" in name:
                    self.python("os._exit(0)")
                self.assertEqual([item["data"]["text/plain"] for item in self.python("display('after')").shown], ["'after'"])
                self.assertEqual(self.bash("echo on").text, "on\n")

    def test_late_writers_break_nothing(self):
        late = "import threading, time\ndef late():\n    for i in range(40):\n        time.sleep(.01)\n        try: display('late')\n        except NameError: pass\nt = threading.Thread(target=late); t.start()"
        self.python(late)
        self.assertEqual(self.python("1").shown[-1]["data"]["text/plain"], "1")
        self.python("t.join()")
        self.python("import os\nif not os.fork():\n    import time; time.sleep(.2)\n    display('orphan')\n    os._exit(0)")
        self.assertEqual(self.python("import time; time.sleep(.4)\n7").shown, [{"type": "execute_result", "data": {"text/plain": "7"}, "files": {}, "truncated": False}])

    def test_cells_of_a_notebook(self):
        self.assertEqual(self.python("import asyncio\nq = asyncio.Queue()\nawait q.put(5)").code, 0)
        self.assertEqual(self.python("await q.get()").text, "5\n")
        self.assertEqual(self.python("%matplotlib inline\n!echo x\ny = !pwd\ny == ['" + self.workspace + "']").text, "x\nTrue\n")
        error = self.python("%matplotlib inline\n\n1/0").err.decode()
        self.assertIn('line 3, in <module>\n    1/0\n', error)
        timed_out = self.python("await asyncio.sleep(60)", 0.3)
        self.assertTrue(timed_out.exit["timed_out"])
        self.assertFalse(timed_out.lost)
        self.assertEqual(self.python("await asyncio.sleep(0, 8)").text, "8\n")
