"""From the loader to READY, and the end of the channel."""
import importlib.util
import json
import struct
import tempfile
import unittest
import unittest.mock
from pathlib import Path

import harness
from harness import CORE, Client, ENVIRONMENT, PAYLOAD, RunnerTest, changed, hello, setUpModule, survivors


class HandshakeTest(RunnerTest):
    def test_ready_reports_the_protocol(self):
        with Client(self.workspace) as client:
            self.assertEqual(client.ready(), {"protocol": 1})
        self.assertEqual(client.process.returncode, 0)

    def test_answers_pings_until_it_runs(self):
        with Client(self.workspace) as client:
            client.ready()
            for _ in range(3):
                self.assertEqual(client.ping(), {"libraries": "none"})
            client.stage("f", b"x")
            self.assertEqual(client.ping(), {"libraries": "none"})
            client.start("print(1)")
            client.stdin(b"")
            self.assertEqual(client.result().text, "1\n")

    def test_compiled_code_spares_the_next_its_compilation(self):
        with Client(self.workspace) as client:
            client.ready()
        compiled = bytes(client.compiled)
        self.assertEqual(compiled[:4], importlib.util.MAGIC_NUMBER)
        for name, sent, reported in (
            ("the same version", hello([(name, b"this is no Python") for name, _ in CORE], compiled), b""),
            ("another version", hello(CORE, b"\0" + compiled[1:]), compiled[:4]),
            ("no code", hello(CORE), compiled[:4]),
        ):
            with self.subTest(name):
                self.empty()
                with Client(self.workspace) as client:
                    client.outbox = bytearray(sent)
                    client.send(b"C", client.config)
                    client.ready()
                    client.start("print(1)")
                    client.stdin(b"")
                    self.assertEqual(client.result().text, "1\n")
                    self.assertEqual(client.compiled[:4], reported)  # the rest depends on the hash seed before 3.11
                self.assertEqual(client.diagnostics, "")

    def test_does_without_what_json_is_made_of(self):
        other = changed(CORE, b"from _json import", b"from _json_of_nobody import")
        with Client(self.workspace) as client:
            client.outbox = bytearray(hello(other))
            client.send(b"C", client.config)
            client.ready()
            client.start("print('\u00e9')")
            client.stdin(b"")
            self.assertEqual(client.result().text, "\u00e9\n")
        self.assertEqual(client.diagnostics, "")

    def test_problems_of_the_protocol_are_named(self):
        for name, frames in {
            "version": [(b"C", {"protocol": 2})],
            "order": [(b"R", {})],
            "oversized": [b"C" + struct.pack(">I", PAYLOAD + 1)],
        }.items():
            with self.subTest(name), Client(self.workspace) as client:
                client.outbox = bytearray(hello(CORE))
                for frame in frames:
                    if isinstance(frame, tuple):
                        client.send(*frame)
                    else:
                        client.outbox += frame
                self.assertEqual(json.loads(client.expect(b"P"))["reason"], "protocol")
                self.assertIsNone(client.receive())

    def test_output_of_a_library_cannot_reach_the_frames(self):
        library = tempfile.mkdtemp()
        self.addCleanup(self.remove, library)
        Path(library, "chatty.py").write_text(
            "import ctypes, os, sys\nprint('print')\nos.write(1, b'write')\nctypes.CDLL(None).puts(b'puts')\nos.system('echo child')\n"
        )
        env = {**ENVIRONMENT, "PYTHONPATH": library}
        with unittest.mock.patch.object(harness, "ENVIRONMENT", env), Client(self.workspace) as client:
            client.ready()
            self.assertEqual(client.preload(["chatty"])["missing"], [])
            client.start("print('mine')")
            client.stdin(b"")
            self.assertEqual(client.result().text, "mine\n")

    def test_hanging_up_ends_everything(self):
        for name, code in {
            "spinning": "while True: pass",
            "background": "import subprocess; subprocess.Popen(['sleep', '99'], start_new_session=True); input()",
            "flooding": "import os\nwhile True: os.write(1, b'x' * 65536)",
        }.items():
            with self.subTest(name):
                self.empty()
                client = Client(self.workspace)
                client.ready()
                client.start("print('started', flush=True)\n" + code)
                client.expect(b"O")
                client.close()
                self.assertEqual(client.process.returncode, 0)
                self.assertEqual(survivors(), [])
