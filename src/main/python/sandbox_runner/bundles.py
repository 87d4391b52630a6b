"""The forms that an object has, as IPython asks for them."""
from __future__ import annotations

import sys

from sandbox_runner.cpython import OWN_NAMESPACES
from sandbox_runner.forms import extension, is_json, is_text

OWN_NAMESPACES.append(globals())

METHODS = (
    ("text/html", "_repr_html_"), ("text/markdown", "_repr_markdown_"), ("text/latex", "_repr_latex_"),
    ("image/svg+xml", "_repr_svg_"), ("application/json", "_repr_json_"), ("image/png", "_repr_png_"),
    ("image/jpeg", "_repr_jpeg_"), ("application/pdf", "_repr_pdf_"),
)
PLAIN = (int, str, float, bool, list, dict, tuple, set, bytes, complex, type)  # which have none of these


class Bundles:
    """What an object is, by MIME type."""

    def __init__(self):
        self.makers = []  # of the libraries that are loaded: a class, and what makes a bundle and a name of such an object

    def of(self, value, text=None) -> tuple:
        """The bundle, which has a text/plain, and the letter for the names of its files. The text is made if there is none."""
        bundle, name = {}, b"d"
        if type(value) not in PLAIN and not isinstance(value, type):
            for kind, make in self.makers:
                if isinstance(value, kind):
                    bundle, name = make(value)
                    break
            else:
                bundle = self.ask(value)
        if not isinstance(bundle.get("text/plain"), str):
            bundle["text/plain"] = repr(value) if text is None else text
        return bundle, name

    def ask(self, value) -> dict:
        """Methods of its class: objects that answer to every name have none of these."""
        bundle, kind = {}, type(value)
        if getattr(kind, "_repr_mimebundle_", None):
            made = self.call(value, "_repr_mimebundle_", include=None, exclude=None)
            if isinstance(made, dict):
                bundle.update({key: form for key, form in made.items() if isinstance(key, str)})
        for mime_type, name in METHODS:
            if mime_type in bundle or mime_type == "image/jpeg" and "image/png" in bundle:
                continue  # of one picture one is enough
            if getattr(kind, name, None):
                made = self.call(value, name)
                if made is not None:
                    bundle[mime_type] = made
        return bundle

    def call(self, value, name: str, **options):
        try:
            made = getattr(value, name)(**options)
        except NotImplementedError:
            return None
        except Exception as error:
            complain(f"{type(value).__name__}.{name}", error)
            return None
        return made[0] if isinstance(made, tuple) and made else made  # behind it are metadata

    def shows_itself(self, value) -> bool:
        """Whether it has done so, by calling display for something else, or by printing."""
        kind = type(value)
        if kind in PLAIN or isinstance(value, type) or not getattr(kind, "_ipython_display_", None):
            return False
        if any(isinstance(value, kind) for kind, _ in self.makers):
            return False
        try:
            value._ipython_display_()
            return True
        except Exception as error:
            if not isinstance(error, NotImplementedError):
                complain(f"{kind.__name__}._ipython_display_", error)
            return False

    def encoded(self, mime_type, made, most: int):
        """The bytes of a form; empty for what is none, None for one that is too long, but for plain text."""
        try:
            if is_json(mime_type):
                made = to_json(made)
            if is_text(mime_type):
                if not isinstance(made, str):
                    return b""
                if mime_type == "text/plain":
                    made = made[: most + 1]
                return str.encode(made, "utf-8", "replace") if str.__len__(made) <= most + 1 else None
            if not extension(mime_type):
                return b""
            return from_base64(made) if isinstance(made, str) else bytes(made)
        except Exception as error:
            complain(f"the form {mime_type} is left out", error)
            return b""


def to_json(value) -> str:
    import json  # not before there is some

    return json.dumps(value)


def from_base64(text: str) -> bytes:
    import binascii

    return binascii.a2b_base64(text)


def complain(what: str, error: BaseException) -> None:
    """On the program's stderr, where there is one."""
    try:
        print(f"{what}: {type(error).__name__}: {error}", file=sys.stderr)
    except Exception:
        pass
