"""Programs that were written for a notebook: what Python makes of each, and what we do."""
import builtins
import re
import shutil
import subprocess
import unittest

from sandbox_runner.notebook import Notebook, without_fence
from unit.programs import plain, run

# The code; what python3 does with it; our stdout; our stderr, as a regular expression.
# Python's: "ok" and an exit code of 0, or the name of the exception with which it ends.
ERROR = "SyntaxError"
PROGRAMS = [
    # Valid Python never means something else.
    ("x = 7\ny = 4\nz = (x\n%y)\nprint(z)", "ok", "3\n", ""),
    ("x = 7\nz = x \\\n%4\nprint(z)", "ok", "3\n", ""),
    ("s = '''\n%matplotlib inline\n!ls\n'''\nprint(s)", "ok", "\n%matplotlib inline\n!ls\n\n", ""),
    ("s = \"\"\"\n```python\n!x\n```\n\"\"\"\nprint(len(s))", "ok", "18\n", ""),
    ("'%s' % 5", "ok", "'5'\n", ""),
    ("x = 5\nx", "ok", "5\n", ""),
    ("async def f(): return 3\nimport asyncio\nprint(asyncio.run(f()))", "ok", "3\n", ""),
    ("print(1 if 2 != 3 else 4)", "ok", "1\n", ""),
    ("a = 5\nb = not a\nprint(b)", "ok", "False\n", ""),
    # What is wrong stays wrong, and is reported as ever.
    ("def f(:", ERROR, "", r"(?s).*line 1\n.*SyntaxError: .*"),
    ("x = 1\n  y = 2", "IndentationError", "", r"(?s).*line 2\n.*IndentationError: .*"),
    ("if 1:\n\tx\n        y", "TabError", "", r"(?s).*TabError: .*"),
    ("print('a", ERROR, "", r"(?s).*SyntaxError: unterminated string literal.*"),
    ("return 5", ERROR, "", r"(?s).*'return' outside function\n"),
    ("def f():\n    await g()", ERROR, "", r"(?s).*'await' outside async function\n"),
    ("lambda: await x", ERROR, "", r"(?s).*'await' outside (async )?function\n"),
    ("x = 5 %% 3", ERROR, "", r"(?s).*line 1\n.*SyntaxError: .*"),
    ("# -*- coding: nonsense -*-\n!ls", ERROR, "", r"(?s).*SyntaxError: .*nonsense.*"),
    ("%matplotlib inline\nx = = 1", ERROR, "", r"(?s).*line 2\n    x = = 1\n.*SyntaxError: .*"),
    ("!echo a\n\n\n1/0", ERROR, "a\n", r"(?s).*line 4, in <module>\n    1/0\n.*ZeroDivisionError: division by zero\n"),
    ("%time f()\n", ERROR, "", r"(?s).*line 1, in <module>\n    %time f\(\)\n.*NameError: name 'f' is not defined\n"),
    # await
    ("import asyncio\nawait asyncio.sleep(0)\nprint('slept')", ERROR, "slept\n", ""),
    ("async def f(): return 6 * 7\nawait f()", ERROR, "42\n", ""),
    ("async def f(): return 6 * 7\nx = await f()\nprint(x)\nx", ERROR, "42\n42\n", ""),
    ("async def g():\n    yield 1\n    yield 2\nasync for i in g(): print(i)", ERROR, "1\n2\n", ""),
    ("class C:\n    async def __aenter__(self): print('in')\n    async def __aexit__(self, *_): print('out')\nasync with C():\n    print('body')", ERROR, "in\nbody\nout\n", ""),
    ("async def g():\n    yield 1\nprint([i async for i in g()])", ERROR, "[1]\n", ""),
    ("import asyncio\nprint(await asyncio.gather(*[asyncio.sleep(0, i) for i in range(3)]))", ERROR, "[0, 1, 2]\n", ""),
    ("async def f(): raise ValueError('no')\n\nawait f()", ERROR, "", r"(?s)Traceback \(most recent call last\):\n  File \"[^\"]*__main__.py\", line 3, in <module>\n[^\"]*  File \"[^\"]*__main__.py\", line 1, in f\n[^\"]*ValueError: no\n"),
    ("import sys\nasync def f(): pass\nawait f()\nsys.exit(5)", ERROR, "", ""),
    ("import asyncio\nt = asyncio.create_task(asyncio.sleep(99))\nawait asyncio.sleep(0)\nprint('end')", ERROR, "end\n", ""),
    ("import asyncio\nasync def f(): return 1\nprint(await f(), asyncio.get_running_loop().is_running())", ERROR, "1 True\n", ""),
    ("from __future__ import annotations\nasync def f(x: nope): return 1\nprint(await f(0), f.__annotations__)", ERROR, "1 {'x': 'nope'}\n", ""),
    ("async def f(): return 1\nawait f()\ntry:\n    1/0\nexcept ZeroDivisionError: print('caught')", ERROR, "caught\n", ""),
    # ignored
    ("%matplotlib inline\nprint(1)", ERROR, "1\n", ""),
    ("%matplotlib inline\nfrom __future__ import annotations\nprint(1)", ERROR, "1\n", ""),
    ("%config InlineBackend.figure_format = 'retina'\n5", ERROR, "5\n", ""),
    ("%load_ext autoreload\n%autoreload 2\nprint(1)", ERROR, "1\n", ""),
    ("%pylab inline\nprint(1)", ERROR, "1\n", ""),
    ("if True:\n    %matplotlib inline\nprint(1)", ERROR, "1\n", ""),
    ("5\n%matplotlib inline", ERROR, "5\n", ""),
    ("s = '''\n!no\n'''\n%matplotlib inline\nprint(s)", ERROR, "\n!no\n\n", ""),
    ("x = [\n  1,\n  2]\n%matplotlib inline\nprint(x)", ERROR, "[1, 2]\n", ""),
    ("x = (7\n%4)\n%matplotlib inline\nprint(x)", ERROR, "3\n", ""),
    ("print('(')\n%matplotlib inline\nprint(')')", ERROR, "(\n)\n", ""),
    ("print('it''s')  # it's (\n%matplotlib inline\nprint(\"'\")", ERROR, "its\n'\n", ""),
    # %time
    ("%time x = sum(range(10))\nprint(x)", ERROR, "CPU times: T\nWall time: T\n45\n", ""),
    ("%time 6 * 7", ERROR, "CPU times: T\nWall time: T\n42\n", ""),
    ("%time for i in range(2): print(i)", ERROR, "0\n1\nCPU times: T\nWall time: T\n", ""),
    ("%time 5  # five", ERROR, "CPU times: T\nWall time: T\n", ""),
    ("async def f(): return 8\n%time await f()", ERROR, "CPU times: T\nWall time: T\n8\n", ""),
    ("%%time\nx = 3\nx", ERROR, "3\nCPU times: T\nWall time: T\n", ""),
    ("%%time\n1/0", ERROR, "CPU times: T\nWall time: T\n", r"(?s).*line 2, in <module>\n.*ZeroDivisionError.*"),
    ("\n%%time\n%matplotlib inline\n!echo x", ERROR, "x\nCPU times: T\nWall time: T\n", ""),
    ("x = 4\n%timeit x + 1", ERROR, "T ± T per loop (mean ± std. dev. of N runs, N loops each)\n", ""),
    ("x = 4\n%timeit -n 2 -r 3 y = x\nprint('y' in globals())", ERROR, "T ± T per loop (mean ± std. dev. of 3 runs, 2 loops each)\nFalse\n", ""),
    ("%timeit -n1 -r1 nope", ERROR, "", r"(?s).*NameError: name 'nope' is not defined.*\n"),
    # bash
    ("!echo hello", ERROR, "hello\n", ""),
    ("  !echo hello".strip() + " $((1+1)) | tr a-z A-Z", ERROR, "HELLO 2\n", ""),
    ("print(1)\n!echo 2; echo 3 >&2; exit 4\nprint(5)", ERROR, "1\n2\n5\n", "3\n"),
    ("for i in range(2):\n    !echo x\nprint('end')", ERROR, "x\nx\nend\n", ""),
    ("!echo a \\\n  b\n1/0", ERROR, "a b\n", r"(?s).*line 3, in <module>\n.*ZeroDivisionError.*"),
    ("x = !printf 'a\\nb\\n'\nx", ERROR, "['a', 'b']\n", ""),
    ("d = {}\nd['k'] = !echo v\nprint(d)", ERROR, "{'k': ['v']}\n", ""),
    ("x = !false\nprint(x)", ERROR, "[]\n", ""),
    ("!cat\nprint(input())", ERROR, "stdin\n", ""),
    ("%%bash\nfor i in 1 2; do\n  echo $i\ndone\nfalse", ERROR, "1\n2\n", ""),
    ("%%bash\necho \"it's\" 'fine'; echo \\\\ {a,b}", ERROR, "it's fine\n\\ a b\n", ""),
    ("!pwd | grep -c tmp\nimport os; os.chdir('/')\n!pwd | grep -c tmp", ERROR, "1\n1\n", ""),
    ("!!echo twice", ERROR, "twice\n", ""),
    # pip
    ("!pip install no_such_package_x", ERROR, "", "no_such_package_x is not installed, and nothing can be installed here.\n"),
    ("%pip install -q no-such-x==1.0 'no.such[y]>=2'", ERROR, "", r"no-such-x==1.0 is not installed, .*\nno.such\[y\]>=2 is not installed, .*\n"),
    ("!pip install --index-url https://example.org/no no_such_x && echo no", ERROR, "", "no_such_x is not installed, .*\n"),
    ("!python3 -m pip install -r requirements.txt", ERROR, "", "-r: nothing can be installed here.\n"),
    ("try:\n    import json\nexcept ImportError:\n    !pip install json\nprint(1)", ERROR, "1\n", ""),
    # other magics
    ("%who\nprint(1)", ERROR, "1\n", "%who is not available here.\n"),
    ("%pip list\nprint(1)", ERROR, "1\n", "%pip is not available here.\n"),
    ("if 1:\n    %cd /tmp\nprint(1)", ERROR, "1\n", "%cd is not available here.\n"),
    ("%%writefile a.py\nprint(1)", ERROR, "", "%%writefile is not available here.\n"),
    ("%%html\n<b>x</b>", ERROR, "", "%%html is not available here.\n"),
    ("%%capture out\nprint(1)", ERROR, "1\n", "%%capture is not available here.\n"),
    ("x = 1\n%%html\nprint(x)", ERROR, "1\n", "%%html is not available here.\n"),
    # fences
    ("```python\nprint(1)\n```", ERROR, "1\n", ""),
    ("```\n6 * 7\n```\n", ERROR, "42\n", ""),
    ("\n\n  ```py\nprint(1)\n```  \n\n", "IndentationError", "1\n", ""),
    ("~~~\nprint(1)\n~~~", ERROR, "1\n", ""),
    ("```python\n\n1/0\n```", ERROR, "", r"(?s).*line 3, in <module>\n    1/0\n.*ZeroDivisionError.*"),
    ("```python\n%matplotlib inline\n!echo x\nimport asyncio\nawait asyncio.sleep(0, 5)\n```", ERROR, "x\n5\n", ""),
    ("```python\nprint(1)", ERROR, "", r"(?s).*line 1\n.*SyntaxError: .*"),
    ("```python\nprint(1)\n```\nThat is it.", ERROR, "", r"(?s).*SyntaxError: .*"),
    ("```python\ns = '''\n```\n'''\nprint(len(s))\n```", ERROR, "5\n", ""),
    ("```bash\necho hi\n```", ERROR, "", r"(?s).*line 2\n.*SyntaxError: .*"),
]
TIMES = re.compile(r"[\d.e+-]+ (?:s|ms|µs|ns)\b")


def pythons_answer(code):
    """What does not compile prints nothing, whatever else is in it; what does is run."""
    try:
        compile(code, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return type(error).__name__
    return "ok" if plain(code).returncode == 0 else "failed"


class TableTest(unittest.TestCase):
    def test_every_program(self):
        self.assertGreater(len(PROGRAMS), 60)
        self.assertIsNotNone(shutil.which("bash"))
        for code, pythons, out, err in PROGRAMS:
            with self.subTest(code):
                self.assertEqual(pythons_answer(code), pythons)
                outcome = run(code, stdin=b"stdin")
                shown = TIMES.sub("T", outcome.out)
                shown = re.sub(r"of 7 runs, [\d,]+ loops each", "of N runs, N loops each", shown)
                self.assertEqual(shown, out)
                self.assertIsNotNone(re.fullmatch(err, outcome.err), outcome.err)
                self.assertNotIn("sandbox_runner", outcome.err)

    def test_without_the_setting_all_is_as_ever(self):
        for code in ("!ls", "%matplotlib inline", "```\n1\n```", "import asyncio\nawait asyncio.sleep(0)"):
            outcome, expected = run(code, notebook=False), plain(code)
            self.assertEqual((outcome.out, outcome.code), ("", 1))
            self.assertEqual(outcome.err.splitlines()[-1], expected.stderr.decode().splitlines()[-1])


class NotebookTest(unittest.TestCase):
    def test_a_session_keeps_its_loop(self):
        notebook, names = Notebook("/tmp"), {"__builtins__": builtins}

        def command(code):
            for piece in notebook.compile(code.encode(), "<command>", False):
                notebook.execute(piece, names)
            notebook.finish()

        command("import asyncio\nq = asyncio.Queue()\nawait q.put(5)\nloop = asyncio.get_running_loop()")
        command("x = await q.get()\nsame = loop is asyncio.get_running_loop()")
        self.assertEqual((names["x"], names["same"]), (5, True))
        with self.assertRaises(ZeroDivisionError):
            command("await asyncio.sleep(0)\n1/0")
        command("y = await asyncio.sleep(0, 6)")
        self.assertEqual(names["y"], 6)
        notebook.close()

    def test_hostile_texts_end_in_time(self):
        for text in ("(" * 100000, "'" * 100001, "\\" * 100000, "%" * 100000, "!" + "\\\n" * 50000, "```" + " " * 100000, "x = " * 30000 + "!y",
                     "a" * 100000 + "!", "\"\"\"" + "\\" * 99999, "%timeit " + "-n 1 " * 20000, "\n" * 100000 + "%%x", " " * 100000 + "!"):
            with self.subTest(text[:10]):
                process = subprocess.run(
                    ["python3", "-B", "-c", "import sys; sys.path.insert(0, sys.argv[1])\nfrom sandbox_runner.notebook import Notebook\ntext = sys.stdin.buffer.read()\ntry: Notebook('/tmp').compile(text, 'x', True)\nexcept (SyntaxError, MemoryError, RecursionError, ValueError): pass",
                     str(__import__("unit.programs").programs.SOURCES)], input=text.encode(), timeout=20, capture_output=True)
                self.assertIn(process.returncode, (0, 139), process.stderr)

    def test_fences(self):
        self.assertEqual(without_fence("```py\nx\n```"), "\nx\n")
        for text in ("", "x", "```", "```\n", "```py```\nx\n```", "x\n```\ny\n```", "````\nx\n```"[1:]):
            if text != "```\nx\n```":
                self.assertEqual(without_fence(text), text)
