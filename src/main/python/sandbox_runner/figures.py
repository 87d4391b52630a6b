"""Figures of matplotlib: shown instead of a window, or at the end when nobody has shown or saved them."""
from __future__ import annotations

import sys

from sandbox_runner.cpython import OWN_NAMESPACES

OWN_NAMESPACES.append(globals())

FILE_BACKENDS = ("agg", "cairo", "pdf", "pgf", "ps", "svg")  # which have no window; others show by themselves
NAME = b"f"  # of the files, see shown


class Figures:
    """Nothing of matplotlib is imported here: the program has."""

    def __init__(self, results):
        self.results = results
        self.pyplot = None
        self.last = None  # the one that was shown and closed last

    def hook(self, pyplot) -> None:
        self.managers = sys.modules["matplotlib._pylab_helpers"].Gcf
        figure_class = sys.modules["matplotlib.figure"].Figure
        canvas_class = sys.modules["matplotlib.backend_bases"].FigureCanvasBase
        self.settings = sys.modules["matplotlib"].rcParams
        self.seen = sys.modules["weakref"].WeakSet()  # shown or saved
        self.wrap(pyplot, "show", lambda original, *args, **kwargs: self.show_all())
        self.wrap(figure_class, "show", lambda original, figure, *args, **kwargs: self.show_and_close(figure))
        self.wrap(pyplot, "savefig", self.save_current)
        self.wrap(canvas_class, "print_figure", self.print_figure, lambda: True)
        self.results.bundles.makers.append((figure_class, self.bundle))
        self.pyplot = pyplot

    def wrap(self, owner, name: str, replacement, condition=None) -> None:
        original, condition = getattr(owner, name), condition or self.takes_over

        @sys.modules["functools"].wraps(original)
        def wrapped(*args, **kwargs):
            if condition():
                return replacement(original, *args, **kwargs)
            return original(*args, **kwargs)

        setattr(owner, name, wrapped)

    def takes_over(self) -> bool:
        """Unless nobody wants results, or the program has chosen a backend that shows figures itself."""
        if not self.results.is_on():
            return False
        backend = dict.__getitem__(self.settings, "backend")  # as it is: to ask for it would choose one
        return isinstance(backend, str) and backend.lower() in FILE_BACKENDS

    def show_all(self) -> None:
        active = self.managers.get_active()
        for figure in self.open_figures():
            self.show(figure)
        self.pyplot.close("all")
        if active:
            self.last = active.canvas.figure

    def show_and_close(self, figure) -> None:
        self.show(figure)
        if figure in self.open_figures():
            self.pyplot.close(figure)

    def show(self, figure) -> None:
        self.results.guarded(lambda: self.results.show(figure))

    def show_left(self, value=None) -> None:
        """Those that are open and that the program has neither shown nor saved. The value of the last line is shown as such."""
        if self.pyplot and self.takes_over():
            for figure in self.open_figures():
                if figure not in self.seen and figure is not value and len(figure.get_children()) > 1:
                    self.show_and_close(figure)

    def open_figures(self) -> list:
        return [manager.canvas.figure for manager in self.managers.get_all_fig_managers()]

    def save_current(self, original, *args, **kwargs):
        """A program may save what it has shown: without a window nothing was closed by that before."""
        if self.last is not None and not self.managers.figs:
            return self.last.savefig(*args, **kwargs)
        return original(*args, **kwargs)

    def print_figure(self, original, canvas, *args, **kwargs):
        result = original(canvas, *args, **kwargs)
        self.seen.add(canvas.figure)
        return result

    def bundle(self, figure) -> tuple:
        """As notebooks draw it: with what is beyond its edges."""
        buffer = sys.modules["io"].BytesIO()
        figure.savefig(buffer, format="png", bbox_inches="tight")
        return {"image/png": buffer.getvalue()}, NAME
