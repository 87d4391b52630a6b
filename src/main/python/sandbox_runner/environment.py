"""The variables of a program: those of its image, and over them those that the owner sets.

The image's are what this process was started with. The owner's are among them already, so that they hold for our
interpreter, too; what the engine or the cluster has put there is taken away. What the image sets for Python holds for the
runner as well as for the program, which live in one interpreter: it is the image's own `python3` that runs both, and the
image is trusted. A program is not: what it makes of its variables is never read here.
"""
from __future__ import annotations

import os
import sys

from sandbox_runner.frames import Problem

STARTED_WITH = dict(os.environ)
GIVEN_PATH = []  # what sys.path was before close_path()
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENGINE_VARIABLES = ("HOSTNAME", "container")  # Docker and nodes set the one, Podman both
CLUSTER_VARIABLES = "KUBERNETES_"  # where the API server is: a node says so in every container
ALL = "*"
# By these a process finds code before its first line. Each is a list; separators are those of the dynamic linker.
LIBRARY_VARIABLES = {"LD_LIBRARY_PATH": ":;", "LD_PRELOAD": ": ", "LD_AUDIT": ":", "GCONV_PATH": ":"}


def program_environment(owners: dict, found: dict, foreign: list) -> dict:
    """`foreign` are the names of what is neither the image's nor the owner's; ALL when they are not known."""
    kept = {name: value for name, value in found.items() if not is_foreign(name, foreign)}
    return {**kept, "PATH": found.get("PATH") or DEFAULT_PATH, **owners}


def is_foreign(name: str, foreign: list) -> bool:
    return ALL in foreign or name in foreign or name in ENGINE_VARIABLES or name.startswith(CLUSTER_VARIABLES)


def is_open(path: str) -> bool:
    """Whether a program could put something at this path, or replace it: it may write there or somewhere above. A relative
    path begins at the root directory, where whatever the engine starts beside a program begins."""
    place = os.path.realpath(os.path.join("/", path))
    while not os.access(place, os.W_OK):
        above = os.path.dirname(place)
        if above == place:
            return False
        place = above
    return True


def close_path() -> None:
    """The runner imports nothing from where a program can write, such as PYTHONPATH=/tmp/lib of the image."""
    GIVEN_PATH[:] = sys.path
    sys.path[:] = [entry for entry in GIVEN_PATH if not is_open(entry)]


def restore_path() -> None:
    """In a child, once: what is imported there may extend the path."""
    if GIVEN_PATH:
        sys.path[:] = GIVEN_PATH
        GIVEN_PATH.clear()


def require_utf8() -> None:
    """The names of files are read and written in the encoding that LC_ALL and LC_CTYPE of the image chose at our start."""
    if sys.getfilesystemencoding() != "utf-8":
        raise Problem("incompatible", "the image sets a locale that is not UTF-8, in LC_ALL or LC_CTYPE")


def require_closed(found: dict) -> None:
    """In a session the engine starts a python3 beside programs that have run: they must not have a hand in it."""
    for directory in (found.get("PATH") or DEFAULT_PATH).split(":"):
        if is_open(directory):
            raise Problem("incompatible", f"PATH has {directory!r} before python3, where a program can write")
        if os.access(os.path.join("/", directory, "python3"), os.X_OK):
            break
    for name, separators in LIBRARY_VARIABLES.items():
        text = found.get(name, "")
        for separator in separators[1:]:
            text = text.replace(separator, separators[0])
        for entry in text.split(separators[0]):
            if is_open(entry):
                raise Problem("incompatible", f"{name} has {entry!r}, where a program can write")
