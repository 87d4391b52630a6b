"""The list of modules, and the loader that reads what it names."""
import ast
import base64
import importlib.util
import json
import struct
import subprocess
import sys
import unittest
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[3] / "main" / "python"
PACKAGE = "sandbox_runner"


def imported(name):
    tree = ast.parse((SOURCES / (name.replace(".", "/") + ".py")).read_bytes())
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module.startswith(PACKAGE)}


class ListTest(unittest.TestCase):
    NAMES = (SOURCES / PACKAGE / "modules.txt").read_text().split()

    def test_every_module_is_in_it_once(self):
        files = {path.relative_to(SOURCES) for path in (SOURCES / PACKAGE).rglob("*.py") if path.name != "__init__.py"}
        self.assertEqual(sorted(self.NAMES), sorted(".".join(file.with_suffix("").parts) for file in files))

    def test_each_imports_from_earlier_ones_only(self):
        for place, name in enumerate(self.NAMES):
            with self.subTest(name):
                self.assertLessEqual(imported(name), set(self.NAMES[:place]))

    def test_the_core_is_first_and_ends_with_its_main(self):
        core = [name for name in self.NAMES if not name.startswith(PACKAGE + ".session.")]
        self.assertEqual(self.NAMES[: len(core)], core)
        self.assertEqual((core[0], core[-1]), (PACKAGE + ".plain", PACKAGE + ".main"))
        self.assertEqual(self.NAMES[-1], PACKAGE + ".session.main")


def block(content):
    return struct.pack(">I", len(content)) + content


class LoaderTest(unittest.TestCase):
    FIRST = b'"docstring"\nimport sys\nx = 5\n'
    MAIN = b"""\
import base64, json, sys
from one.first import x
class Program:
    def run(self): print(json.dumps(self.seen))
def main(compiled):
    program = Program()
    ours = [name for name in sys.modules if name.partition(".")[0] == "one"]
    program.seen = {"x": x, "ours": ours, "compiled": base64.b64encode(compiled).decode(), "file": main.__code__.co_filename}
    return program
"""

    def load(self, modules, compiled=b""):
        """What the main() of the last module saw."""
        named = b"".join(block(name.encode()) + block(text) for name, text in modules)
        process = subprocess.run(
            [sys.executable, "-c", (SOURCES / "loader.py").read_text()],
            input=block(compiled) + struct.pack(">I", len(modules)) + named,
            stdout=-1,
            check=True,
        )
        seen = json.loads(process.stdout)
        seen["compiled"] = base64.b64decode(seen["compiled"])
        return seen

    def test_modules_import_from_each_other_and_are_removed_before_main(self):
        seen = self.load([("one.first", self.FIRST), ("one.main", self.MAIN)])
        self.assertEqual((seen["x"], seen["ours"], seen["file"]), (5, [], "<one.main>"))

    def test_what_is_compiled_is_reported_once(self):
        modules = [("one.first", self.FIRST), ("one.main", self.MAIN)]
        compiled = self.load(modules)["compiled"]
        self.assertEqual(compiled[:4], importlib.util.MAGIC_NUMBER)
        self.assertNotIn(b"docstring", compiled)
        unreadable = [(name, b"this is no Python") for name, _ in modules]
        self.assertEqual(self.load(unreadable, compiled)["compiled"], b"")
        self.assertEqual(self.load(modules, b"\0\0" + compiled[2:])["compiled"], compiled)

    def test_ends_when_its_input_does(self):
        for sent in (b"", b"\0", block(b"")[:3], block(b"") + struct.pack(">I", 2) + block(b"one")):
            process = subprocess.run([sys.executable, "-c", (SOURCES / "loader.py").read_text()], input=sent, stderr=-1)
            self.assertEqual((process.returncode, process.stderr), (0, b""))
