"""Runs programs of ours on this machine as the child does, without its sandbox: what a program sees of itself is the same.

What it shows arrives as the service would get it, through the parent's end of the pipe.
"""
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

from sandbox_runner.shown import Shown
from unit.channel import RecordingChannel

SOURCES = Path(__file__).resolve().parents[3] / "main" / "python"
LIMITS = {
    "results": 100, "result_bytes": 1_000_000, "output_files": 100, "output_file_bytes": 1 << 20,
    "output_total_bytes": 4 << 20, "notebook": True,
}
CHILD = """
import os, sys, gc
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
before_ours = set(sys.modules)
sys.path.insert(0, {sources!r})
from sandbox_runner.cpython import standard_streams
from sandbox_runner.program import Program
from sandbox_runner.results import Results
sys.path.pop(0)
for name in [name for name in sys.modules if name.partition(".")[0] == "sandbox_runner"]: del sys.modules[name]
program = Program.__new__(Program)
program.config, program.workspace, program.file = {config!r}, {workspace!r}, {file!r}
program.interactive, program.results, program.notebook, program.before = {interactive!r}, None, None, set(sys.modules)
if {fd} >= 0:
    program.results = Results(program.config)
    program.results.install({fd})
sys.argv = [program.file]
sys.path.insert(0, program.workspace)
standard_streams()
"""


class Outcome:
    def __init__(self, out, err, code, channel):
        self.out, self.err, self.code = out.decode(), err.decode(), code
        self.items = items(channel.frames)


def items(frames):
    """What the service makes of the frames: a type, the texts, the files' names and contents; only what is complete."""
    found, item, form = [], None, None
    for kind, payload in frames:
        if kind == b"X":
            item = {**json.loads(payload), "data": {}, "files": {}}
        elif kind == b"x":
            form = json.loads(payload)
            content = b""
            item["files" if "path" in form else "data"][form.get("path") or form["mime_type"]] = content
        elif kind == b"D":
            content += payload
            item["files" if "path" in form else "data"][form.get("path") or form["mime_type"]] = content
        elif kind == b"y":
            end = json.loads(payload)
            if end.pop("complete"):
                found.append({**item, **end})
            item = None
        else:
            raise AssertionError(f"unexpected frame {kind!r}")
    assert item is None
    for item in found:
        item["data"] = {kind: content.decode(errors="replace") for kind, content in item["data"].items()}
    return found


def run(code, interactive=True, shows=True, files=(), stdin=b"", python=sys.executable, **limits):
    with tempfile.TemporaryDirectory() as workspace:
        source = code if isinstance(code, bytes) else textwrap.dedent(code).encode()
        for path, content in {**dict(files), "__main__.py": source}.items():
            Path(workspace, path).write_bytes(content)
        config = {**LIMITS, "workspace": workspace, **limits}
        channel = RecordingChannel()
        read, end = os.pipe() if shows else (-1, -1)
        place = dict(sources=str(SOURCES), config=config, workspace=workspace, file=f"{workspace}/__main__.py")
        start = CHILD.format(**place, interactive=interactive, fd=end)
        out, err, given = tempfile.TemporaryFile(), tempfile.TemporaryFile(), tempfile.TemporaryFile()
        given.write(stdin)
        given.seek(0)
        process = subprocess.Popen(
            [python, "-B", "-c", start + "program.run()"], stdin=given, stdout=out, stderr=err, cwd=workspace,
            pass_fds=[end] if shows else [], env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        shown = None
        if shows:
            os.close(end)
            shown = Shown(channel, config, read)
            os.set_blocking(read, True)
            while shown.fd >= 0 and shown.pump():
                pass
            shown.finish()
        process.wait()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
            file.close()
        given.close()
        return Outcome(*texts, process.returncode, channel)


def plain(code, stdin=b""):
    """The same in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as workspace:
        file = Path(workspace, "__main__.py")
        file.write_bytes(code if isinstance(code, bytes) else textwrap.dedent(code).encode())
        return subprocess.run([sys.executable, "-B", str(file)], input=stdin, capture_output=True, cwd=workspace)
