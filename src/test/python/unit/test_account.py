"""What libnss-extrausers will read."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from sandbox_runner.account import write_account


class AccountTest(unittest.TestCase):
    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(subprocess.run, ["rm", "-rf", str(self.directory)], check=True)
        self.link, self.place = self.directory / "link", self.directory / "place"

    def test_our_own_uid_has_the_name_of_the_environment(self):
        self.link.symlink_to(self.place)
        for name in ("first", "sandbox"):  # a second runner in the same container writes it anew
            write_account({"USER": name, "HOME": "/tmp"}, str(self.link))
        uid, gid = os.getuid(), os.getgid()
        self.assertEqual((self.place / "passwd").read_text(), f"sandbox:x:{uid}:{gid}:sandbox:/tmp:/bin/bash\n")
        self.assertEqual((self.place / "group").read_text(), f"sandbox:x:{gid}:\n")

    def test_other_images_are_left_alone(self):
        write_account({"USER": "sandbox", "HOME": "/tmp"}, str(self.link))
        self.link.mkdir()
        write_account({"USER": "sandbox", "HOME": "/tmp"}, str(self.link))
        self.assertEqual(list(self.link.iterdir()), [])
        self.assertFalse(self.place.exists())

    def test_a_name_that_is_none_is_not_written(self):
        self.link.symlink_to(self.place)
        for env in ({}, {"USER": "a:b"}, {"USER": "a\nroot"}, {"USER": "ä"}, {"USER": "a", "HOME": "/x:0"}, {"USER": "a", "HOME": "/\n"}):
            write_account(env, str(self.link))
        self.assertFalse(self.place.exists())

    def test_a_place_that_cannot_be_written_to_is_no_failure(self):
        self.link.symlink_to("/proc/nowhere")
        write_account({"USER": "sandbox", "HOME": "/tmp"}, str(self.link))
