"""The forms in which a program shows something, by their MIME types, for both ends of the pipe that carries them."""
from __future__ import annotations

TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml", "application/json")
FILES = {
    "image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp", "application/pdf": "pdf",
    "audio/mpeg": "mp3", "audio/x-wav": "wav", "video/quicktime": "mov",
}
MEDIA = ("audio", "video")
MAX_LENGTH = 100  # characters of a MIME type, and 8 of an extension
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.+-_")


def is_text(kind: str) -> bool:
    """Whether a form is sent inline: text, or JSON."""
    return kind in TEXTS or is_json(kind)


def is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json") and kind.startswith("application/") and is_plain(kind)


def extension(kind: str) -> str:
    """The extension of the file that a binary form becomes; empty for a kind that is not shown."""
    if kind in FILES:
        return FILES[kind]
    major, _, minor = kind.partition("/")
    if major not in MEDIA or not is_plain(kind):
        return ""
    return minor if len(minor) <= 8 and minor.isalnum() else "bin"


def is_plain(kind: str) -> bool:
    major, _, minor = kind.partition("/")
    return len(kind) <= MAX_LENGTH and bool(major and minor) and ALPHABET.issuperset(major + minor)
