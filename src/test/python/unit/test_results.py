"""What programs show, from their own process to the frames that leave the sandbox."""
import os
import textwrap
import unittest

from unit.programs import plain, run

RICH = """
class Rich:
    def __repr__(self): return "rich"
    def _repr_html_(self): return "<b>rich</b>"
    def _repr_png_(self): return b"png"
    def _repr_jpeg_(self): return b"jpeg"
"""
PLAIN_ITEM = {"type": "display_data", "files": {}, "truncated": False}


def program(code, before=RICH):
    return run(before + textwrap.dedent(code))


class DisplayTest(unittest.TestCase):
    def test_shows_forms_and_prints_the_plain_one(self):
        outcome = program("display(Rich(), 5)\nprint('end')")
        self.assertEqual((outcome.out, outcome.err, outcome.code), ("rich\n5\nend\n", "", 0))
        self.assertEqual(
            outcome.items,
            [
                {**PLAIN_ITEM, "data": {"text/plain": "rich", "text/html": "<b>rich</b>"}, "files": {"display-1.png": b"png"}},
                {**PLAIN_ITEM, "data": {"text/plain": "5"}},
            ],
        )

    def test_every_form_that_is_known(self):
        outcome = program(
            """
            class All:
                def _repr_mimebundle_(self, include, exclude):
                    data = {k: k for k in ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "text/x-other", "no")}
                    data.update({"application/json": [1], "application/geo+json": {"a": None}, 5: "five", "image/gif": b"GIF"})
                    data.update({"audio/wav": b"wave", "video/x-strange-thing": b"v", "application/pdf": "UERG", "image/webp": b""})
                    return data, {"text/html": {}}
            display(All())
            """
        )
        (item,) = outcome.items
        self.assertEqual(outcome.err, "")
        texts = {k: k for k in ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml")}
        self.assertEqual(item["data"], {**texts, "application/json": "[1]", "application/geo+json": '{"a": null}'})
        self.assertEqual(item["files"], {"display-1.gif": b"GIF", "display-2.wav": b"wave", "display-3.bin": b"v", "display-4.pdf": b"PDF"})
        self.assertFalse(item["truncated"])

    def test_an_object_may_show_itself(self):
        outcome = program(
            """
            class Self:
                def _ipython_display_(self): display(Rich())
            class Broken:
                def _ipython_display_(self): 1/0
                def __repr__(self): return "broken"
            display(Self()); display(Broken())
            """
        )
        self.assertEqual([item["data"]["text/plain"] for item in outcome.items], ["rich", "broken"])
        self.assertEqual(outcome.err, "Broken._ipython_display_: ZeroDivisionError: division by zero\n")

    def test_what_is_broken_costs_its_form_only(self):
        outcome = program(
            """
            class Broken:
                def __repr__(self): return "broken"
                def _repr_html_(self): raise ValueError("no HTML")
                def _repr_markdown_(self): return b"bytes"
                def _repr_latex_(self): raise NotImplementedError
                def _repr_json_(self): return {1, 2}
                def _repr_png_(self): return "no base64!"
                def _repr_svg_(self): return None
            display(Broken())
            class Any:
                def __getattr__(self, name): return lambda *_: name
            display(type("X", (Any,), {"__repr__": lambda _: "any"})())
            """
        )
        self.assertEqual([item["data"] for item in outcome.items], [{"text/plain": "broken"}, {"text/plain": "any"}])
        self.assertIn("Broken._repr_html_: ValueError: no HTML\n", outcome.err)
        self.assertEqual(outcome.code, 0)

    def test_an_object_without_a_repr_is_the_programs_error(self):
        outcome = program("class X:\n    def __repr__(self): return 1/0\nprint(1)\ndisplay(X())")
        self.assertEqual((outcome.out, outcome.items, outcome.code), ("1\n", [], 1))
        self.assertEqual([line for line in outcome.err.splitlines() if "File" in line and "__main__.py" not in line], [])
        self.assertTrue(outcome.err.endswith("ZeroDivisionError: division by zero\n"))

    def test_may_be_shadowed_and_is_no_global(self):
        outcome = run("print('display' in globals(), 'display' in dir(__builtins__))\ndef display(x): print('mine', x)\ndisplay(1)")
        self.assertEqual((outcome.out, outcome.items), ("False True\nmine 1\n", []))

    def test_is_not_there_when_nothing_is_wanted(self):
        outcome = run("display(1)", shows=False)
        self.assertIn("NameError: name 'display' is not defined", outcome.err)

    def test_options_of_ipython(self):
        outcome = run(
            "h = display('a', display_id='x', metadata={})\nh.update('b')\nprint(h.display_id)\ndisplay({'text/html': '<i>'}, raw=True)\nprint(display(1))"
        )
        self.assertEqual(outcome.out, "'a'\n'b'\nx\n1\nNone\n")
        self.assertEqual([item["data"]["text/plain"] for item in outcome.items], ["'a'", "'b'", "", "1"])
        self.assertEqual(outcome.items[2]["data"]["text/html"], "<i>")

    def test_bounds(self):
        outcome = run("for i in range(5): display(i)", results=3)
        self.assertEqual(outcome.out, "0\n1\n2\n3\n4\n")
        self.assertEqual([item["data"]["text/plain"] for item in outcome.items], ["0", "1", "2"])
        outcome = run(RICH + "class Long:\n    def __repr__(self): return 'é' * 100\n    def _repr_html_(self): return 'h' * 90\ndisplay(Long(), Rich())", result_bytes=99)
        self.assertEqual([item["truncated"] for item in outcome.items], [True, True])
        self.assertEqual(outcome.items[0]["data"], {"text/plain": "é" * 49})
        self.assertEqual(outcome.out, "é" * 100 + "\nrich\n")
        outcome = run(RICH + "display(Rich())", output_file_bytes=2)
        self.assertEqual((outcome.items[0]["files"], outcome.items[0]["truncated"]), ({}, True))

    def test_names_that_the_program_has_are_not_taken(self):
        outcome = program("open('display-1.png', 'w').close()\nimport os; os.symlink('/', 'display-2.png')\ndisplay(Rich(), Rich())")
        self.assertEqual([list(item["files"]) for item in outcome.items], [["display-3.png"], ["display-4.png"]])

    def test_threads_and_processes_show_whole_items(self):
        outcome = program(
            """
            import os, threading
            class Big:
                def __init__(self, letter): self.letter = letter
                def __repr__(self): return self.letter * 9000
                def _repr_png_(self): return self.letter.encode() * 90000
            def show(letter):
                for _ in range(3): display(Big(letter))
            pids = []
            for letter in "abc":
                pid = os.fork()
                if not pid:
                    show(letter); os._exit(0)
                pids.append(pid)
            threads = [threading.Thread(target=show, args=letter) for letter in "de"]
            for t in threads: t.start()
            for t in threads: t.join()
            for pid in pids: os.waitpid(pid, 0)
            """
        )
        letters = [item["data"]["text/plain"] for item in outcome.items]
        self.assertEqual(sorted(letters), sorted(letter * 9000 for letter in "aaabbbcccdddeee"))
        for item in outcome.items:
            (content,) = item["files"].values()
            self.assertEqual(content, item["data"]["text/plain"][:1].encode() * 90000)


class LastLineTest(unittest.TestCase):
    def test_the_value_is_printed_as_ever_and_shown(self):
        for code, shown in {"6 * 7": "42", "'text'": "'text'", "x = [1]\nx": "[1]", "x = 1\n'\\udc80'": "'\\udc80'"}.items():
            with self.subTest(code):
                outcome, without = run(code), run(code, shows=False)
                self.assertEqual((outcome.out, outcome.err, outcome.code), (without.out, without.err, without.code))
                self.assertEqual(outcome.out, shown + "\n")
                self.assertEqual(outcome.items, [{**PLAIN_ITEM, "type": "execute_result", "data": {"text/plain": shown}}])

    def test_rich_values(self):
        outcome = program("print(1)\nRich()")
        self.assertEqual(outcome.out, "1\nrich\n")
        self.assertEqual(outcome.items[0]["data"], {"text/plain": "rich", "text/html": "<b>rich</b>"})

    def test_nothing_is_shown_where_nothing_is_printed(self):
        for code in ("None", "x = 5", "if 1: 5", "", "def f(:", "1/0", "print()", "import sys; sys.exit(3)"):
            with self.subTest(code):
                outcome, without = run(code), run(code, shows=False)
                self.assertEqual((outcome.out, outcome.code, outcome.items), (without.out, without.code, []))
                strip = lambda text: [line for line in text.splitlines() if "File" not in line]
                self.assertEqual(strip(outcome.err), strip(without.err))
        self.assertEqual(run("5", interactive=False).items, [])

    def test_tracebacks_are_those_without_it(self):
        for code in (
            "class X:\n    def __repr__(self):\n        return 1/0\n\nX()",
            "class X:\n    def __repr__(self): return 5\n\nX()",
            "import sys\nsys.stdout = None\n5",
            "import sys\ndel sys.displayhook\n5",
            "import sys\ndel sys.stdout\n5",
            "import sys\nsys.displayhook = lambda value: value.no\n5",
            "def f(): return g()\n\n\nf()",
        ):
            with self.subTest(code):
                outcome, without = run(code), run(code, shows=False)
                lines = lambda text: [line.split("/__main__.py")[-1] for line in text.splitlines()]
                self.assertEqual(lines(outcome.err), lines(without.err))
                self.assertEqual((outcome.out, outcome.code), (without.out, without.code))
                self.assertNotIn("sandbox_runner", outcome.err)

    def test_a_hook_of_the_program_is_asked(self):
        outcome = run("import sys\ndef hook(value): print('hook', value)\nsys.displayhook = hook\n5")
        self.assertEqual((outcome.out, outcome.items[0]["data"]), ("hook 5\n", {"text/plain": "5"}))

    def test_the_hook_is_restored(self):
        outcome = run("import atexit, sys\natexit.register(lambda: print(sys.displayhook is sys.__displayhook__, __builtins__._))\n5")
        self.assertEqual(outcome.out, "5\nTrue 5\n")

    def test_a_forked_process_shows_no_second_value(self):
        outcome = run("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\n7")
        self.assertEqual((outcome.out, len(outcome.items)), ("7\n7\n", 1))


class BrokenTest(unittest.TestCase):
    """Programs that break what shows their results: their output is not affected, nor what was shown before."""

    def test_descriptors(self):
        closed = "display(1)\nimport os, resource\nfor fd in range(3, 5000):\n    try: os.close(fd)\n    except OSError: pass\n"
        for code in (
            "display(2)\nprint('end')",
            "f = open('mine', 'wb+'); os.dup2(f.fileno(), {fd})\ndisplay(2)\nprint('end'); f.seek(0); assert f.read() == b''",
            "r, w = os.pipe(); os.dup2(w, {fd}); os.close(r)\ndisplay(2)\nprint('end')",
        ):
            with self.subTest(code):
                outcome = run(closed + code.replace("{fd}", "3"))
                self.assertEqual((outcome.err, outcome.out), ("", "1\n2\nend\n"))
                self.assertEqual([item["data"]["text/plain"] for item in outcome.items], ["1"])

    def test_modules_and_builtins(self):
        for code in (
            "import os\nfor name in list(vars(os)): setattr(os, name, None)\ndisplay(1)\n2",
            "import sys\nsys.stderr = None\ndisplay(1)\n2",
            "import builtins, sys\nd = display\ndel builtins.display\nd(1)\n2",
            "import os\nos.write = os.fstat = None\ndisplay(1)\n2",
        ):
            with self.subTest(code):
                outcome = run(code)
                self.assertEqual(outcome.out, "1\n2\n")
                self.assertEqual([item["data"]["text/plain"] for item in outcome.items], ["1", "2"])
        outcome = run("import builtins, sys\nsys.stdout.write('x\\n')\nfor name in list(vars(builtins)): delattr(builtins, name)")
        self.assertEqual(outcome.out, "x\n")

    def test_what_was_shown_before_an_end_is_kept(self):
        for end in ("import os; os._exit(3)", "import sys; sys.exit(3)", "raise SystemExit(3)", "1/0", "import os; os.kill(os.getpid(), 9)", "import os; os.abort()"):
            with self.subTest(end):
                self.assertEqual(len(run("display(1)\n" + end).items), 1)

    def test_an_item_that_is_cut_off_is_not_shown(self):
        outcome = program(
            """
            import os, threading
            class Slow:
                def __repr__(self): return "s" * 500000
                def _repr_html_(self): return "h" * 500000
            display(Rich())
            threading.Timer(0.001, os._exit, [0]).start()
            while True: display(Slow())
            """
        )
        self.assertEqual(outcome.items[0]["data"]["text/plain"], "rich")
        for item in outcome.items[1:]:
            self.assertEqual(item["data"]["text/plain"][:1], "s")

    def test_an_interrupted_item_does_not_break_the_next(self):
        outcome = program(
            """
            import signal, time
            class Big:
                def __repr__(self): return "big"
                def _repr_png_(self): return bytes(900_000)
            def interrupt(*_): raise RuntimeError
            signal.signal(signal.SIGALRM, interrupt)
            for i in range(20):
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0001 * i + 0.00001)
                    display(Big())
                    time.sleep(0.01)
                except RuntimeError: pass
            display(Rich())
            """
        )
        self.assertEqual(outcome.code, 0)
        self.assertEqual(outcome.items[-1]["data"]["text/plain"], "rich")


class PlainTest(unittest.TestCase):
    def test_the_driver_runs_programs_as_python_does(self):
        for code in ("print(1)", "1/0", "import sys; print(sys.argv[0].rpartition('/')[2], __name__); sys.exit(4)", "input()"):
            outcome, expected = run(code, interactive=False), plain(code)
            self.assertEqual((outcome.out, outcome.code), (expected.stdout.decode(), expected.returncode))
