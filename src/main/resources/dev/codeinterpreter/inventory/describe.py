# Prints, as one line of JSON, what a program finds in this image. It has to run in any image with Python 3.9 and nothing else.
import importlib.metadata
import json
import os
import platform
import shutil
import struct

# Of the hundreds that an image has those that a program would start.
TOOLS = """
7z awk bash bc bzip2 convert csvtool curl diff dot exiftool ffmpeg file find g++ gawk gcc ghostscript git go gpg grep gs gzip
inkscape java jq libreoffice lua magick make mutool node npm openssl pandoc patch pdfinfo pdfimages pdflatex pdftohtml
pdftoppm pdftotext pdfunite perl php pip pip3 psql python python3 qpdf R rg rsync ruby rustc sed sh soffice sort sqlite3 tar
tesseract tr tree unzip uniq uv wc wget wkhtmltopdf xelatex xmllint xz yq zip zstd
""".split()
FONTS = "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts/opentype"
MAX_FONT_FILES = 5000
ENGLISH, WINDOWS, MACINTOSH = 0x409, 3, 1
FAMILY, TYPOGRAPHIC_FAMILY = 1, 16


def libraries():
    found = {}
    for distribution in importlib.metadata.distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except Exception:  # an image may have broken ones
            continue
        if name and version:
            found.setdefault(name, version)  # of two the first in the path is the one that is imported
    return [{"name": name, "version": found[name]} for name in sorted(found, key=str.lower)]


def font_files():
    count = 0
    for place in FONTS:
        for directory, _, names in os.walk(place):
            for name in names:
                if name.lower().endswith((".ttf", ".otf", ".ttc")) and count < MAX_FONT_FILES:
                    count += 1
                    yield os.path.join(directory, name)


def families(path):
    """The families in a file of TrueType or OpenType, by its tables of names."""
    with open(path, "rb") as file:
        starts = [0]
        head = file.read(12)
        if head[:4] == b"ttcf":
            count = min(struct.unpack(">I", head[8:])[0], 64)
            starts = struct.unpack(f">{count}I", file.read(4 * count))
        for start in starts:
            file.seek(start)
            count = struct.unpack(">4xH6x", file.read(12))[0]
            for tag, _, offset, length in struct.iter_unpack(">4sIII", file.read(16 * count)):
                if tag == b"name":
                    file.seek(offset)
                    yield family(file.read(min(length, 1 << 18)))
                    break


def family(table):
    count, strings = struct.unpack(">2xHH", table[:6])
    names = {}
    for system, _, language, kind, length, offset in struct.iter_unpack(">6H", table[6 : 6 + 12 * count]):
        text = table[strings + offset : strings + offset + length]
        if kind in (FAMILY, TYPOGRAPHIC_FAMILY):
            if system == WINDOWS and language == ENGLISH:
                names[kind, 0] = text.decode("utf-16-be")
            elif system == MACINTOSH and language == 0:
                names[kind, 1] = text.decode("latin-1")
    order = (TYPOGRAPHIC_FAMILY, 0), (TYPOGRAPHIC_FAMILY, 1), (FAMILY, 0), (FAMILY, 1)
    return next((names[key] for key in order if key in names), "")


def fonts():
    found = set()
    for path in font_files():
        try:
            found.update(families(path))
        except (OSError, ValueError, struct.error):  # not readable, or no font
            continue
    return sorted(filter(None, found), key=str.lower)


def system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except Exception:  # Python 3.9, or an image that does not say
        return platform.system()


print(json.dumps({
    "python": platform.python_version(),
    "system": system(),
    "machine": platform.machine(),
    "libraries": libraries(),
    "tools": [tool for tool in TOOLS if shutil.which(tool)],
    "fonts": fonts(),
}, ensure_ascii=True, separators=(",", ":")))
