"""What a program's variables are made of, and which of an image would let a program into what is started beside it."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from sandbox_runner import environment
from sandbox_runner.environment import DEFAULT_PATH, program_environment, require_closed
from sandbox_runner.frames import Problem

SOURCES = Path(__file__).resolve().parents[3] / "main" / "python"


class ProgramEnvironmentTest(unittest.TestCase):
    def test_the_owners_variables_are_over_the_images(self):
        image = {"PATH": "/venv/bin:/bin", "JAVA_HOME": "/jdk", "HOME": "/root", "TZ": "Asia/Tokyo"}
        self.assertEqual(
            program_environment({"HOME": "/tmp", "TZ": "UTC"}, image, []),
            {"PATH": "/venv/bin:/bin", "JAVA_HOME": "/jdk", "HOME": "/tmp", "TZ": "UTC"},
        )

    def test_an_image_without_a_path_gets_the_usual_one(self):
        for image in ({}, {"PATH": ""}):
            self.assertEqual(program_environment({"HOME": "/tmp"}, image, []), {"PATH": DEFAULT_PATH, "HOME": "/tmp"})

    def test_the_owners_path_replaces_the_images(self):
        self.assertEqual(program_environment({"PATH": "/own"}, {"PATH": "/image"}, []), {"PATH": "/own"})

    def test_what_an_engine_or_a_cluster_adds_is_left_out(self):
        found = {
            "PATH": "/bin", "HOSTNAME": "sandbox", "container": "podman", "KUBERNETES_SERVICE_HOST": "10.0.0.1",
            "KUBERNETES_PORT_443_TCP_ADDR": "10.0.0.1", "PROXY_OF_THE_CLUSTER": "x", "KUBECONFIG": "/image/config",
        }
        self.assertEqual(
            program_environment({}, found, ["PROXY_OF_THE_CLUSTER"]), {"PATH": "/bin", "KUBECONFIG": "/image/config"}
        )

    def test_where_nobody_knows_what_was_added_only_the_path_is_kept(self):
        self.assertEqual(program_environment({"HOME": "/tmp"}, {"PATH": "/venv/bin", "X": "1"}, ["*"]),
                         {"PATH": "/venv/bin", "HOME": "/tmp"})

    def test_a_locale_that_is_not_utf8_is_refused(self):
        code = "from sandbox_runner.environment import require_utf8\nrequire_utf8()"
        for variables, accepted in (
            ({"LC_ALL": "C.UTF-8"}, True),
            ({"LC_ALL": "C"}, True),  # Python then has its UTF-8 mode
            ({"LANG": "C.UTF-8"}, True),
            ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, False),
        ):
            with self.subTest(variables):
                process = subprocess.run(
                    [sys.executable, "-c", code], stderr=-1, cwd=SOURCES, env={"PATH": os.defpath, **variables}
                )
                self.assertEqual(not process.returncode, accepted, process.stderr)
                self.assertEqual(b"LC_ALL" in process.stderr, not accepted)


class ClosedTest(unittest.TestCase):
    """Each case names places below a directory that is the only one where a program can write."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.open = os.path.realpath(directory.name)
        self.closed = os.path.join(self.open, "closed")  # by the replacement of is_open
        os.makedirs(os.path.join(self.closed, "bin"))
        os.symlink(sys.executable, os.path.join(self.closed, "bin", "python3"))  # nothing in /tmp may be executable itself
        original = environment.is_open
        self.addCleanup(setattr, environment, "is_open", original)
        environment.is_open = lambda path: path.startswith(self.open) and not path.startswith(self.closed)

    def test_accepts_what_no_program_can_write_to(self):
        for variables in (
            {},
            {"PATH": f"/nowhere:{self.closed}/bin:/bin"},
            {"PATH": f"{self.closed}/bin:{self.open}/bin"},  # nobody looks further than the first python3
            {"LD_LIBRARY_PATH": "/usr/local/cuda/lib64:"},
            {"LD_LIBRARY_PATH": ""},
            {"LD_PRELOAD": "libjemalloc.so.2 /usr/lib/libx.so"},
            {"PYTHONPATH": self.open},  # the connector's Python is isolated
        ):
            with self.subTest(variables):
                require_closed(variables)

    def test_names_the_place_where_a_program_can_write(self):
        for name, value in (
            ("PATH", f"{self.open}/bin:{self.closed}/bin"),
            ("PATH", f"/nowhere:{self.open}"),
            ("LD_LIBRARY_PATH", f"/usr/lib:{self.open}/lib"),
            ("LD_LIBRARY_PATH", f"/usr/lib;{self.open}/lib"),
            ("LD_PRELOAD", f"libc.so.6 {self.open}/x.so"),
            ("LD_AUDIT", f"{self.open}/x.so"),
            ("GCONV_PATH", f"{self.open}"),
        ):
            with self.subTest(name, value=value):
                with self.assertRaises(Problem) as caught:
                    require_closed({name: value})
                self.assertEqual(caught.exception.reason, "incompatible")
                self.assertIn(name, str(caught.exception))
                self.assertIn(repr(self.open)[:-1], str(caught.exception))
