"""Pictures and charts of other libraries that have a show() of their own, and IPython's display."""
from __future__ import annotations

import sys

from sandbox_runner.cpython import OWN_NAMESPACES

OWN_NAMESPACES.append(globals())


class Pictures:
    """Nothing of these libraries is imported here: the program has."""

    def __init__(self, results):
        self.results = results
        self.hooks = {
            "PIL.Image": self.hook_pillow,
            "plotly.basedatatypes": self.hook_plotly,
            "altair": self.hook_altair,
            "IPython.core.display_functions": self.hook_ipython,
        }

    def replace_show(self, kind: type) -> None:
        original = kind.show

        def show(picture, *args, **kwargs):
            if not self.results.is_on():
                return original(picture, *args, **kwargs)
            return self.results.guarded(lambda: self.results.show(picture))

        show.__doc__ = original.__doc__
        kind.show = show

    def hook_pillow(self, module) -> None:
        self.replace_show(module.Image)
        self.results.bundles.makers.append((module.Image, self.pillow_bundle))

    def pillow_bundle(self, picture) -> tuple:
        buffer = sys.modules["io"].BytesIO()
        try:
            picture.save(buffer, "PNG")
        except (OSError, ValueError):  # of a mode that PNG has not
            buffer.seek(0)
            buffer.truncate()
            picture.convert("RGB").save(buffer, "PNG")
        return {"image/png": buffer.getvalue()}, b"d"

    def hook_plotly(self, module) -> None:
        self.replace_show(module.BaseFigure)
        self.results.bundles.makers.append((module.BaseFigure, self.plotly_bundle))

    def plotly_bundle(self, figure) -> tuple:
        import json

        return {"application/vnd.plotly.v1+json": json.loads(figure.to_json())}, b"d"

    def hook_altair(self, module) -> None:
        self.replace_show(next(kind for kind in module.Chart.__mro__ if "show" in vars(kind)))

    def hook_ipython(self, module) -> None:
        """Outside of its own shell, IPython's only prints."""
        module.display = self.results.display
