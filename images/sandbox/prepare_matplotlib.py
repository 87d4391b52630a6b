"""Makes matplotlib of the image fit for sandboxes. Run at the build; fails when matplotlib is no longer as it is known here."""
import json
import os
import pathlib
import re

os.environ["MPLCONFIGDIR"] = "/tmp/matplotlib"
import matplotlib.font_manager as manager

FONTS = pathlib.Path("/usr/share/fonts/truetype")
SCRIPTS = (
    "Arabic Hebrew Devanagari Bengali Gurmukhi Gujarati Tamil Telugu Kannada Malayalam Sinhala Thai Lao Khmer Myanmar"
    " Ethiopic"
).split()
# For characters that a program's own font has not. Chinese, Japanese and Korean first; emoji without colours, for
# matplotlib draws no others.
FALLBACK = [
    FONTS / "wqy/wqy-microhei.ttc",
    *(FONTS / f"noto/NotoSans{script}-Regular.ttf" for script in SCRIPTS),
    FONTS / "ancient-scripts/Symbola_hint.ttf",
]

# It keeps its list of fonts in MPLCONFIGDIR, which is an empty tmpfs in every new sandbox, so each first plot would build
# that list again (0.4 s). The list has just been built; the one line that reads it falls back to this copy.
(built,) = pathlib.Path(os.environ["MPLCONFIGDIR"]).glob("fontlist-*.json")
kept = pathlib.Path("/usr/share/matplotlib/fontlist.json")
fonts = json.loads(built.read_text())
for fonts_of_a_kind in (fonts["afmlist"], fonts["ttflist"]):
    # Of fonts that fit as well the first is taken: the same one whenever the image is built.
    fonts_of_a_kind.sort(key=lambda font: font["fname"])
kept.write_text(json.dumps(fonts))

# Not by font.family in matplotlibrc: seaborn's themes, and every program that sets a font, replace that.
missing = [str(path) for path in FALLBACK if not path.exists()]
assert not missing, missing
source = pathlib.Path(manager.__file__)
text, lists = re.subn(
    r"\bjson_load\(fm_path\)", f"json_load(fm_path if fm_path.exists() else {str(kept)!r})", source.read_text()
)
text, results = re.subn(
    r"(?m)^        return fpaths$",
    "        return fpaths + [path for path in FALLBACK if fontext == 'ttf' and path not in fpaths]",
    text,
)
assert (lists, results) == (1, 1), (lists, results)
text, places = re.subn(r"(?m)^(_log = .*\n)", rf"\1FALLBACK = {list(map(str, FALLBACK))!r}\n", text, count=1)
assert places == 1
source.write_text(text)

# There is no display: no other backend is tried.
settings = pathlib.Path("/etc/matplotlibrc")
settings.write_text("backend: Agg\n" + settings.read_text())
