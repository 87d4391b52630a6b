"""One share of the tests that lie beside this file: share.py NUMBER SHARES, counted from 0. Every test is in one share.

Neighbours go to different shares: the tests that wait for something stand together.
"""
import sys
import unittest
from pathlib import Path


def flat(suite):
    for each in suite:
        if isinstance(each, unittest.TestSuite):
            yield from flat(each)
        else:
            yield each


def main(number, shares):
    here = str(Path(__file__).parent)
    every = sorted(flat(unittest.defaultTestLoader.discover(here, top_level_dir=here)), key=lambda test: test.id())
    result = unittest.TextTestRunner(verbosity=1).run(unittest.TestSuite(every[number::shares]))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
