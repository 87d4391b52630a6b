"""Libraries that are imported before the program is known."""
import os
import tempfile
import textwrap
import unittest
import unittest.mock
from pathlib import Path

import harness
from harness import Client, ENVIRONMENT, RunnerTest, setUpModule, survivors

# Every child leads a group; the reaper of one that is gone ends a moment later.
LOOK_AROUND = """
    import os, sys
    processes = [name for name in os.listdir('/proc') if name.isdigit()]
    print('decimal' in sys.modules, len([pid for pid in processes if os.getpgid(int(pid)) == int(pid)]))
"""


class PreloadTest(RunnerTest):
    def library(self, name, code):
        """A module of the image, as it were."""
        directory = tempfile.mkdtemp()
        self.addCleanup(self.remove, directory)
        Path(directory, f"{name}.py").write_text(textwrap.dedent(code))
        env = {**ENVIRONMENT, "PYTHONPATH": directory}
        patch = unittest.mock.patch.object(harness, "ENVIRONMENT", env)
        patch.start()
        self.addCleanup(patch.stop)

    def finish(self, client, code=LOOK_AROUND):
        client.start(code)
        client.stdin(b"")
        return client.result()

    def test_program_finds_its_libraries_and_no_other_child(self):
        self.assertEqual(survivors(), [])
        with Client(self.workspace) as client:
            client.ready()
            answer = client.preload(["decimal"])
            self.assertEqual((answer["libraries"], answer["missing"]), ("ready", []))
            self.assertGreater(answer["memory_bytes"], 1 << 20)
            self.assertLess(answer["memory_bytes"], 24 << 20)
            with_libraries = self.finish(client).text
        self.empty()
        self.assertEqual(survivors(), [])
        with Client(self.workspace) as client:
            client.ready()
            without = self.finish(client).text
        self.assertEqual((without.split()[0], with_libraries.split()[0]), ("False", "True"))
        self.assertEqual(without.split()[1], with_libraries.split()[1])

    def test_names_what_is_missing_or_broken(self):
        Path(self.workspace, "colorsys.py").write_text("raise SystemExit('from the workspace')")
        with Client(self.workspace) as client:
            client.ready()
            answer = client.preload(["colorsys", "no_such_module", "decimal", "antigravity_of_nobody.x"])
        self.assertEqual(answer["missing"], ["no_such_module", "antigravity_of_nobody.x"])

    def test_program_that_comes_during_an_import_does_not_wait(self):
        self.library("slow", "import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)")
        with Client(self.workspace) as client:
            client.ready()
            client.begin_preload(["decimal", "slow"])
            self.assertEqual(client.ping(), {"libraries": "importing"})
            client.stage("f", b"x")
            result = self.finish(client)
            self.assertEqual(result.text.split()[0], "False")
            self.assertLess(result.exit["duration_ms"], 20_000)
        self.assertEqual(survivors(), [])

    def test_client_that_waits_for_the_rest_of_an_import(self):
        self.library("slow", "import time\ntime.sleep(0.5)")
        with Client(self.workspace) as client:
            client.ready()
            self.assertEqual(client.ping(seconds=10), {"libraries": "none"})
            client.begin_preload(["decimal", "slow"])
            self.assertEqual(client.ping(seconds=0.1), {"libraries": "importing"})
            self.assertEqual(client.ping(seconds=10)["libraries"], "ready")
            self.assertEqual(self.finish(client).text.split()[0], "True")
        for module in "hangs", "crashes":
            with self.subTest(module):
                self.empty()
                self.library(module, "while True: pass" if module == "hangs" else "import os\nos._exit(1)")
                with Client(self.workspace) as client:
                    client.ready()
                    client.begin_preload([module], 0.3)
                    self.assertEqual(client.ping(seconds=10), {"libraries": "failed"})
                    self.assertEqual(self.finish(client).text.split()[0], "False")
        with Client(self.workspace) as client:  # and hangs up
            client.ready()
            client.begin_preload(["hangs"])
            client.send(b"N", {"seconds": 60})
        self.assertEqual(survivors(), [])

    def test_no_file_of_the_client_is_there_during_an_import(self):
        Path(self.workspace, "matplotlibrc").write_text("")
        self.library("curious", """
            import os, sys, time
            for _ in range(400):
                if os.path.exists('matplotlibrc') or os.path.exists(sys.argv[-1]): sys.__stderr__.write('seen')
                time.sleep(0.001)
            time.sleep(60)
        """)
        with Client(self.workspace) as client:
            client.ready()
            client.begin_preload(["curious"])
            client.ping()
            client.stage("later", b"x")
            self.assertEqual(client.ping(), {"libraries": "failed"})
            self.finish(client)
        self.assertEqual(client.diagnostics, "")

    def test_import_that_hangs_or_crashes_costs_nothing(self):
        for name, code, seconds in (
            ("hangs", "while True: pass", 0.3),
            ("crashes", "import ctypes\nctypes.string_at(0)", 60),
            ("exits", "import os\nos._exit(0)", 60),
            ("forks", "import os, time\nif not os.fork(): time.sleep(60)\ntime.sleep(60)", 0.3),
        ):
            with self.subTest(name):
                self.empty()
                self.library(name, code)
                with Client(self.workspace) as client:
                    client.ready()
                    self.assertEqual(client.preload([name], seconds), {"libraries": "failed"})
                    self.assertEqual(self.finish(client, "print(1)").text, "1\n")
                self.assertEqual(survivors(), [])

    def test_threads_of_a_library_stay_behind(self):
        self.library("threads", """
            import threading, time
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        """)
        with Client(self.workspace) as client:
            client.ready()
            self.assertEqual(client.preload(["threads"])["libraries"], "ready")
            self.assertEqual(self.finish(client, "import os\nprint(len(os.listdir('/proc/self/task')))").text, "1\n")

    def test_claims_at_any_moment_of_an_import(self):
        for milliseconds in range(0, 60, 3):
            with self.subTest(milliseconds):
                self.empty()
                with Client(self.workspace) as client:
                    client.ready()
                    client.begin_preload(["decimal", "json", "logging"])
                    client.ping()
                    harness.time.sleep(milliseconds / 1000)
                    self.assertEqual(self.finish(client, "print(1)").text, "1\n")
                self.assertEqual(client.diagnostics, "")
                self.assertEqual(survivors(), [])

    def test_libraries_are_imported_once(self):
        with Client(self.workspace) as client:
            client.ready()
            client.preload(["decimal"])
            client.begin_preload(["decimal"])
            self.assertIn("once", client.expect(b"P").decode())
