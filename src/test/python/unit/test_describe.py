"""The program that says what an image has, with the Python of this machine."""
import json
import struct
import subprocess
import sys
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[4] / "src/main/resources/dev/codeinterpreter/inventory/describe.py"


def table_of_names(*records):
    """Each record is (system, language, kind, text); system 3 is Windows, 1 Macintosh."""
    strings, entries = b"", b""
    for system, language, kind, text in records:
        content = text.encode("utf-16-be" if system == 3 else "latin-1")
        entries += struct.pack(">6H", system, 1, language, kind, len(content), len(strings))
        strings += content
    return struct.pack(">3H", 0, len(records), 6 + len(entries)) + entries + strings


class DescribeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        source, cls.names = PROGRAM.read_text(), {}
        head, mark, _ = source.partition("\nprint(json.dumps(")
        assert mark
        exec(head, cls.names)

    def test_it_prints_one_line_of_what_is_here(self):
        printed = subprocess.run([sys.executable, "-I", str(PROGRAM)], capture_output=True, check=True).stdout
        self.assertEqual((printed.count(b"\n"), printed.isascii()), (1, True))
        said = json.loads(printed)
        self.assertEqual(list(said), ["python", "system", "machine", "libraries", "tools", "fonts"])
        self.assertEqual(said["python"], ".".join(map(str, sys.version_info[:3])))
        self.assertIn("sh", said["tools"])
        names = [library["name"].lower() for library in said["libraries"]]
        self.assertEqual(names, sorted(set(names)))

    def test_the_family_is_the_typographic_one_in_english(self):
        family = self.names["family"]
        plain = (3, 0x409, 1, "Noto Sans Light"), (3, 0x409, 16, "Noto Sans"), (3, 0x411, 16, "ノト")
        self.assertEqual(family(table_of_names(*plain)), "Noto Sans")
        self.assertEqual(family(table_of_names((3, 0x411, 1, "ゴ"), (3, 0x409, 1, "Go"))), "Go")
        self.assertEqual(family(table_of_names((1, 0, 1, "Old"))), "Old")
        self.assertEqual(family(table_of_names((3, 0x409, 2, "Bold"))), "")

    def test_what_is_no_font_is_an_error_that_is_skipped(self):
        for table in (b"", b"\0\0\0\1\0\6", table_of_names((3, 0x409, 1, "x"))[:20] + b"\xd8"):
            try:
                self.names["family"](table)
            except (ValueError, struct.error):
                pass
