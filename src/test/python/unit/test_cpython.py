"""Compiling as `python3 file.py` and the interactive interpreter do, and what becomes of exceptions."""
import builtins
import contextlib
import io
import sys
import traceback
import unittest

from sandbox_runner import cpython


def run(source, interactive=True):
    """What it prints, and its namespace."""
    names, output = {"__builtins__": builtins}, io.StringIO()
    with contextlib.redirect_stdout(output):
        for code in cpython.compile_source(source.encode(), "<test>", interactive):
            exec(code, names)
    return output.getvalue(), names


class CompileTest(unittest.TestCase):
    SHOWN = {
        "1 + 1": "2\n",
        "x = 5": "",
        "None": "",
        "x = 5; x": "5\n",
        "'text'": "'text'\n",
        "if 1:\n    5": "",
        "": "",
        "'doc'\n__doc__": "'doc'\n",
        "from __future__ import annotations\ndef f(a: nope): pass\nf.__annotations__": "{'a': 'nope'}\n",
    }

    def tearDown(self):
        builtins.__dict__.pop("_", None)

    def test_the_last_expression_is_shown_when_that_is_asked_for(self):
        for source, shown in self.SHOWN.items():
            with self.subTest(source):
                self.assertEqual(run(source)[0], shown)
                self.assertEqual(run(source, interactive=False)[0], "")

    def test_nothing_of_ours_is_inherited(self):
        _, names = run("def f(x: int): pass")
        self.assertEqual(names["f"].__annotations__, {"x": int})

    def test_nothing_runs_before_all_of_it_is_compiled(self):
        for source in ("print('ran')\n(yield 1)", "print('ran')\nx +", b"print('ran')\n\xff".decode("latin-1") + "\0"):
            output = io.StringIO()
            with self.subTest(source), contextlib.redirect_stdout(output), self.assertRaises((SyntaxError, ValueError)):
                list(cpython.compile_source(source.encode(), "<test>", True))
            self.assertEqual(output.getvalue(), "")

    def test_lines_are_those_of_the_source(self):
        try:
            run("\n\n1/0")
        except ZeroDivisionError as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<test>"]
        self.assertEqual(lines, [3])


class ExitTest(unittest.TestCase):
    def test_codes(self):
        codes = {None: 0, 0: 0, 3: 3, 256: 0, -1: 255, True: 1, 2**31: 0, 2**63: 255, -(2**63) - 1: 255}
        for code, status in codes.items():
            with self.subTest(code=code):
                self.assertEqual(cpython.exit_status(SystemExit(code)), status)

    def test_anything_else_is_printed(self):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual([cpython.exit_status(SystemExit(code)) for code in ("bye", 1.5, [1])], [1, 1, 1])
        self.assertEqual(errors.getvalue(), "bye\n1.5\n[1]\n")


class TracebackTest(unittest.TestCase):
    def failure(self, source):
        namespace = {"__name__": "ours", "program": compile(source, "<program>", "exec")}
        cpython.OWN_NAMESPACES.append(namespace)
        self.addCleanup(cpython.OWN_NAMESPACES.remove, namespace)
        exec("def start():\n    try: exec(program, {})\n    except BaseException as error: return error", namespace)
        return namespace["start"]()

    def report(self, error):
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            status = cpython.report_exception(error)
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            if hasattr(sys, name):
                delattr(sys, name)
        return status, errors.getvalue()

    def test_begins_with_the_program(self):
        status, text = self.report(self.failure("\ndef f(): 1/0\nf()"))
        self.assertEqual(status, 1)
        self.assertEqual([line for line in text.splitlines() if "File" in line], ['  File "<program>", line 3, in <module>', '  File "<program>", line 2, in f'])

    def test_is_empty_when_the_program_has_not_begun(self):
        error = self.failure("raise SystemExit(5)")
        self.assertEqual(self.report(error), (5, ""))
        self.assertEqual(self.report(None), (0, ""))

    def test_a_hook_of_the_program_is_called(self):
        error = self.failure("1/0")
        self.addCleanup(setattr, sys, "excepthook", sys.excepthook)
        seen = []
        sys.excepthook = lambda *arguments: seen.append((*arguments, sys.exc_info()[0]))
        self.assertEqual(self.report(error)[0], 1)
        kind, value, trace, context = seen[0]
        self.assertEqual((kind, value, trace.tb_frame.f_code.co_filename, context), (ZeroDivisionError, error, "<program>", None))

        def leave(*_):
            raise SystemExit(9)

        sys.excepthook = leave
        self.assertEqual(self.report(self.failure("1/0"))[0], 9)
