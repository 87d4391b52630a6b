"""What libraries show, by hooks into those that the program imports, and no others."""
from __future__ import annotations

import sys

from sandbox_runner.cpython import OWN_NAMESPACES
from sandbox_runner.figures import Figures
from sandbox_runner.pictures import Pictures

OWN_NAMESPACES.append(globals())


class LibraryHooks:
    """Looks at the names that are imported, as the first finder, and changes a library right after it was loaded.

    A library that is not as expected, or that the program brings itself, is left alone.
    """

    def __init__(self, results):
        self.figures, pictures = Figures(results), Pictures(results)
        self.hooks = {"matplotlib.pyplot": self.figures.hook, **pictures.hooks}

    def install(self) -> None:
        sys.meta_path.insert(0, self)
        for name in self.hooks.keys() & sys.modules.keys():
            self.apply(name, sys.modules[name])

    def remove(self) -> None:
        """What is changed already asks whether results are wanted."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name, path=None, target=None):
        if name not in self.hooks:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find else None
            if spec is not None:
                self.watch(name, spec.loader)
                return spec
        return None

    def watch(self, name: str, loader) -> None:
        """Each module has a loader of its own, which this changes for one call."""

        def exec_module(module):
            del loader.exec_module
            loader.exec_module(module)
            self.apply(name, module)

        try:
            if hasattr(loader, "exec_module"):
                loader.exec_module = exec_module
        except (AttributeError, TypeError):
            pass  # of a kind that belongs to all modules

    def apply(self, name: str, module) -> None:
        try:
            self.hooks[name](module)
        except Exception:
            pass
