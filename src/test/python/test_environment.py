"""Variables that an image sets: what the program gets of them, and that the runner works whatever they are."""
import ast
import json
import tempfile
import unittest.mock
from pathlib import Path

import harness
from harness import ENVIRONMENT, Client, RunnerTest, setUpModule, survivors
from session_harness import SessionTest


def image_sets(**variables):
    """As if the container had been started with them: the owner sends its own variables alone."""
    return unittest.mock.patch.object(harness, "ENVIRONMENT", {**ENVIRONMENT, **variables})


class ProgramTest(RunnerTest):
    SHOW = "import os; print(dict(os.environ)); os.system('env')"

    def variables(self, owners, **image):
        """Of a program, and of a child of it."""
        with image_sets(**image):
            lines = self.run_program(self.SHOW, env=owners).text.splitlines()
        child = dict(line.split("=", 1) for line in lines[1:])
        child.pop("_", None)  # the shell's own
        child.pop("PWD", None)
        child.pop("SHLVL", None)
        return ast.literal_eval(lines[0]), child

    def test_has_the_images_under_the_owners(self):
        path = "/nowhere/bin:" + ENVIRONMENT["PATH"]
        image = {"JAVA_HOME": "/opt/jdk", "CUDA_VERSION": "12.4", "LD_LIBRARY_PATH": "/usr/local/cuda/lib64",
                 "HOME": "/root", "TZ": "Asia/Tokyo", "ODD": "a=b é"}
        owners = {name: value for name, value in ENVIRONMENT.items() if name != "PATH"}
        seen, child = self.variables(owners, PATH=path, **image)
        self.assertEqual(seen, {"PATH": path, **image, **owners})
        self.assertEqual(child, seen)

    def test_has_none_that_an_engine_adds(self):
        seen, child = self.variables(ENVIRONMENT, HOSTNAME="sandbox", KUBERNETES_SERVICE_HOST="10.0.0.1", container="podman")
        self.assertEqual(seen, ENVIRONMENT)
        self.assertEqual(child, seen)

    def test_has_none_whose_names_the_owner_gives(self):
        command = "import sys\nsys.argv.append('SECRET')\n" + harness.LOADER
        with image_sets(SECRET="x", KEPT="y"), unittest.mock.patch.object(harness, "LOADER", command):
            result = self.run_program("import os; print(os.environ.get('SECRET'), os.environ['KEPT'])", env=ENVIRONMENT)
        self.assertEqual(result.text, "None y\n")


class PythonVariablesTest(RunnerTest):
    """What an image may say to Python holds for the program as in an interpreter of its own, and does not stop the runner."""

    PROGRAM = """
        import os, sys
        print(sys.flags, sys.path, sys.warnoptions, sys.dont_write_bytecode)
        print(sys.stdout.encoding, sys.getfilesystemencoding(), os.fsencode('\\u00e9'))
        with open('out\\u00e9.txt', 'w') as file: file.write('\\u00e9')
        """
    VARIABLES = {
        "PYTHONOPTIMIZE": "2",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PYTHONSTARTUP": "/nowhere/startup.py",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONMALLOC": "debug",
        "PYTHONTRACEMALLOC": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONDEVMODE": "1",
        "PYTHONPYCACHEPREFIX": "/tmp/cache",
        "PYTHONCOERCECLOCALE": "0",
        "LC_ALL": "C",
    }

    def test_holds_for_the_program(self):
        for name, value in self.VARIABLES.items():
            with self.subTest(name), image_sets(**{name: value}):
                expected = self.run_python(self.PROGRAM)
                result = self.run_program(self.PROGRAM, env=ENVIRONMENT)
                self.assertEqual((bytes(result.out), bytes(result.err), result.code), expected)
                self.assertEqual(list(result.files), ["out\u00e9.txt"])
                self.assertEqual(survivors(), [])

    def test_what_makes_an_interpreter_talk_does_not_break_the_frames(self):
        for name in ("PYTHONVERBOSE", "PYTHONPROFILEIMPORTTIME", "PYTHONMALLOCSTATS", "PYTHONINSPECT"):
            with self.subTest(name), image_sets(**{name: "1"}):
                self.empty()
                client = Client(self.workspace, env=ENVIRONMENT)
                self.addCleanup(client.close)
                client.ready()
                client.start("print('mine')")
                client.stdin(b"")
                result = client.result()
                self.assertEqual((result.text, result.code), ("mine\n", 0))

    def test_modules_of_the_images_pythonpath_are_found_and_never_the_runners(self):
        """One that programs can write to, too: /tmp is."""
        library = tempfile.mkdtemp()
        self.addCleanup(self.remove, library)
        Path(library, "of_the_image.py").write_text("NAME = __name__")
        program = "import sys, of_the_image; print(of_the_image.NAME, sys.path)"
        with image_sets(PYTHONPATH=library):
            expected = self.run_python(program)
            for preload in ((), ("of_the_image",)):
                result = self.run_program(program, env=ENVIRONMENT, preload=preload)
                self.assertEqual((bytes(result.out), bytes(result.err), result.code), expected)
        self.assertIn(library, expected[0].decode())

    def test_a_locale_that_is_not_utf8_is_named(self):
        variables = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        with image_sets(**variables), Client(self.workspace, env=ENVIRONMENT) as client:
            problem = json.loads(client.expect(b"P"))
        self.assertEqual(problem["reason"], "incompatible")
        self.assertIn("LC_ALL", problem["message"])


class SessionVariablesTest(SessionTest):
    IMAGE = {"JAVA_HOME": "/opt/jdk", "HOSTNAME": "sandbox", "KUBERNETES_SERVICE_HOST": "10.0.0.1"}

    def open(self, files=(), **config):
        with image_sets(**self.IMAGE):
            return super().open(files, env=ENVIRONMENT, **config)

    def test_a_sessions_programs_have_the_images(self):
        expected = {**ENVIRONMENT, "JAVA_HOME": "/opt/jdk"}
        lines = self.bash("env").text.splitlines()
        seen = dict(line.split("=", 1) for line in lines)
        for own in ("_", "PWD", "SHLVL"):
            seen.pop(own, None)
        self.assertEqual(seen, expected)
        self.assertEqual(ast.literal_eval(self.python("import os; dict(os.environ)").text), expected)

    def test_a_session_in_whose_interpreter_a_program_could_have_a_hand_does_not_begin(self):
        place = tempfile.mkdtemp()
        self.addCleanup(self.remove, place)
        for name, value in (("PATH", place + ":" + ENVIRONMENT["PATH"]), ("LD_LIBRARY_PATH", "/usr/lib:" + place)):
            with self.subTest(name), image_sets(**{name: value}):
                with Client(self.workspace, session={}, env=ENVIRONMENT) as client:
                    problem = json.loads(client.expect(b"P"))
                self.assertEqual(problem["reason"], "incompatible")
                self.assertIn(name, problem["message"])
                self.assertIn(place, problem["message"])
