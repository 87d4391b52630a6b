"""What is there before the first import of ours. The loader enters this module before any other."""
import os
import sys

# What an interpreter has before the first line of any program: these modules a file in the workspace cannot replace.
PLAIN_MODULES = frozenset(sys.modules)
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]  # -c put the workspace there
