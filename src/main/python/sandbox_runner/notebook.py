"""Programs that were written for a notebook, made into Python line by line.

Only for what is a SyntaxError as it was sent, so no valid program means something else here. Each line stays where it is:
tracebacks show the true numbers, and the file holds the code as sent. The text is hostile; it is read here only, in the
program's own process. Nothing is imported before there is such a program.
"""
from __future__ import annotations

import _ast
import _frozen_importlib_external
import builtins

from sandbox_runner.cpython import OWN_NAMESPACES, compile_source
from sandbox_runner.magics import Magics

OWN_NAMESPACES.append(globals())

TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
IS_COROUTINE = 0x80  # of a code object: inspect.CO_COROUTINE
NAME = "__notebook__"  # of the magics, among the builtins
IGNORED = ("matplotlib", "config", "load_ext", "autoreload", "pylab")
NO_PYTHON = (  # cell magics behind which there is none
    "file", "html", "javascript", "js", "latex", "markdown", "perl", "ruby", "script", "sh", "sql", "svg", "system", "writefile",
)


class Patterns:
    """Compiled when the first program needs them."""

    def __init__(self):
        import re

        self.match = re.match
        self.lines = re.compile(r"[^\n]*\n|[^\n]+")
        self.magic = re.compile(r"([ \t\f]*)(%%?|!!?)(.*)", re.DOTALL)
        self.assigned = re.compile(r"([ \t\f]*)([^\W\d][\w.\[\]'\", \t]*)=[ \t]*!(?!=)(.*)", re.DOTALL)
        self.install = re.compile(r"(?:(?:python[\d.]*|\{?sys\.executable\}?) +-m +)?pip[\d.]* +install\b(.*)", re.DOTALL)
        self.option = re.compile(r"-([nr])\s*(\d{1,9})\s+|-[qoctp]\d*\s+")
        strings = r"'{3}|\"{3}|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?"
        self.tokens = re.compile(strings + r"|#.*|[(\[{]|[)\]}]|\\\r?\n")
        self.ends = {quote: re.compile(r"(?:\\.|[^\\])*?" + quote, re.DOTALL) for quote in ("'''", '"""')}


class Notebook:
    """The programs of one interpreter that were written for a notebook."""

    def __init__(self, workspace: str):
        self.magics = Magics(workspace)
        self.patterns = None
        self.loop = None

    def compile(self, source: bytes, file: str, interactive: bool) -> list:
        """As compile_source, when that has failed. Raises what is wrong with the code as it was sent, or behind what is a
        notebook's in it."""
        text = plain = ""
        try:
            text = plain = _frozen_importlib_external.decode_source(source)
            return compile_source(text, file, interactive, TOP_LEVEL_AWAIT)
        except (SyntaxError, UnicodeError):
            pass
        if text:
            self.patterns = self.patterns or Patterns()
            plain = self.rewritten(without_fence(text))
        if plain == text:
            return compile_source(source, file, interactive)  # which raises again what it did
        setattr(builtins, NAME, self.magics)
        return compile_source(plain, file, interactive, TOP_LEVEL_AWAIT)

    def execute(self, code, names: dict) -> None:
        """Runs what was compiled; what awaits, in a loop that stays for the next one."""
        if not code.co_flags & IS_COROUTINE:
            exec(code, names)
            return
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        errors = []
        task = self.loop.create_task(caught(eval(code, names), errors))
        try:
            self.loop.run_until_complete(task)
        except BaseException:  # an interrupt of the loop itself; what waits in it must not go on in the next command
            task.cancel()
            self.loop.run_until_complete(task)
            raise
        if errors:
            raise errors[0]

    def finish(self) -> None:
        """The end of a program, or of one command in a session."""
        self.magics.finish()

    def close(self) -> None:
        """The end of a program's process: what its loop has left is cancelled."""
        if self.loop is None:
            return
        import asyncio

        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        self.loop.close()

    def rewritten(self, text: str) -> str:
        lines = self.patterns.lines.findall(text)
        first = next((number for number, line in enumerate(lines) if line.strip()), None)
        if first is not None and lines[first].startswith("%%"):
            return "\n" * first + self.cell(lines[first][2:].strip(), lines[first + 1 :])
        return "".join(self.statements(lines))

    def cell(self, magic: str, body: list) -> str:
        """A program that begins with a magic for all of it."""
        name, _, rest = magic.partition(" ")
        if name == "bash":
            return f"{NAME}.bash({''.join(body)!r})\n"
        begin = f"{NAME}.unknown({'%%' + name!r})"
        if name == "time":
            begin = f"{NAME}.time_the_rest()" + ("; " + rest if rest else "")
        return begin + "\n" + ("" if name in NO_PYTHON else "".join(self.statements(body)))

    def statements(self, lines: list):
        """The lines, with those that are none of Python's made into some."""
        scan, number = Scan(self.patterns), 0
        while number < len(lines):
            line, count, made = lines[number], 1, None
            if scan.at_start():
                while line.endswith("\\\n") and self.patterns.magic.match(line) and number + count < len(lines):
                    line, count = line[:-2] + lines[number + count], count + 1
                made = self.made(line.rstrip("\n"))
            if made is None:
                count = 1
                scan.read(lines[number])
                yield lines[number]
            else:
                yield made + "\n" * count
            number += count

    def made(self, line: str):
        """Python for a line of a notebook, None for any other."""
        found = self.patterns.magic.fullmatch(line)
        if found:
            indent, mark, rest = found.groups()
            return indent + (self.shell(rest.strip()) if mark[0] == "!" else self.magic(mark, rest.strip(), indent))
        found = self.patterns.assigned.fullmatch(line)
        if found:
            indent, target, command = found.groups()
            return f"{indent}{target.strip()} = {NAME}.lines({command.strip()!r})"
        return None

    def shell(self, command: str) -> str:
        install = self.patterns.install.fullmatch(command)
        if install:
            return f"{NAME}.install({install.group(1).strip()!r})"
        return f"{NAME}.bash({command!r})"

    def magic(self, mark: str, text: str, indent: str) -> str:
        name, _, rest = text.partition(" ")
        rest = rest.strip()
        if mark == "%" and name in IGNORED:
            return "pass" if indent else "#"  # a statement must not come before `from __future__`
        if mark == "%" and name == "time":
            return timed(rest)
        if mark == "%" and name == "timeit":
            options, code = self.options(rest)
            call = f"{NAME}.timeit({options!r}, {code!r}"
            return f"{call}, lambda: ({code}))" if parses(f"lambda: ({code})", "eval") else call + ")"
        if mark == "%" and name == "pip" and rest.partition(" ")[0] == "install":
            return f"{NAME}.install({rest.partition(' ')[2].strip()!r})"
        return f"{NAME}.unknown({mark + name!r})"

    def options(self, text: str) -> tuple:
        """Those of %timeit, and the code behind them."""
        options = {}
        while True:
            found = self.patterns.option.match(text)
            if not found:
                return options, text
            if found.group(1):
                options[found.group(1)] = int(found.group(2))
            text = text[found.end() :]


class Scan:
    """Whether a line begins a statement: outside of strings, of brackets, and of a line that goes on."""

    def __init__(self, patterns: Patterns):
        self.patterns = patterns
        self.quote, self.depth, self.goes_on = "", 0, False

    def at_start(self) -> bool:
        return not (self.quote or self.depth or self.goes_on)

    def read(self, line: str) -> None:
        place, self.goes_on = 0, False
        while True:
            pattern = self.patterns.ends[self.quote].match if self.quote else self.patterns.tokens.search
            token = pattern(line, place)
            if not token:
                return
            text, place = token.group(), token.end()
            if self.quote:
                self.quote = ""
            elif text in self.patterns.ends:
                self.quote = text
            elif text in "([{":
                self.depth += 1
            elif text in ")]}":
                self.depth = max(0, self.depth - 1)
            else:
                self.goes_on = text[0] == "\\"


async def caught(coroutine, errors: list) -> None:
    """Its exception is raised outside of the loop, whose frames and rules for SystemExit are none of the program's."""
    try:
        await coroutine
    except BaseException as error:
        errors.append(error)


def timed(code: str) -> str:
    """What is timed stays Python of its line, so that it assigns, awaits and fails as ever, and has its value."""
    if not code:
        return "pass"
    if parses(f"({code})", "eval"):
        return f"{NAME}.time({NAME}.clock(), ({code}))"
    return f"with {NAME}.timed(): " + (code if parses("if 1: " + code) else f"exec({code!r})")


def parses(code: str, mode: str = "exec") -> bool:
    try:
        compile(code, "<magic>", mode, _ast.PyCF_ONLY_AST | TOP_LEVEL_AWAIT, dont_inherit=True)
        return True
    except (SyntaxError, ValueError):
        return False


def without_fence(text: str) -> str:
    """Without the two lines of Markdown around all of it, which become empty."""
    lines = text.split("\n")
    full = [number for number, line in enumerate(lines) if line.strip()]
    if len(full) > 1:
        begin, end = lines[full[0]].strip(), lines[full[-1]].strip()
        if end in ("```", "~~~") and begin.startswith(end) and end[0] not in begin[3:]:
            lines[full[0]] = lines[full[-1]] = ""
    return "\n".join(lines)
