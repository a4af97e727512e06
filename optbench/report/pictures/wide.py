"""A font for letters as wide as they are high, of Chinese, Japanese and Korean, for figures in such a language.

matplotlib brings none, so one of the system's is taken. On the page and in SVG files text stays text, which the
reader's browser draws in a font of its own: there the system's is but measured, and where it has none, a font is made
in which every such letter is a blank of one em, which is what these letters measure. So the layout is right without
any, and only PNG and PDF files lack the letters, which the report tells.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from optbench.language import spoken

#: {language: families by preference}, of Linux, macOS and Windows
FAMILIES = {
    "zh": (
        "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC",
        "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC",
        "STHeiti", "Noto Sans CJK JP", "Droid Sans Fallback", "Arial Unicode MS",
    ),
}  # fmt: skip
BLANK = "optbench wide blanks"
#: punctuation, ideographs, full-width forms; of the Basic Multilingual Plane
RANGES = ((0x3000, 0x303F), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF01, 0xFF60))
EM = 1000


def families() -> list[str]:
    """What stands behind the figures' own font in the language that is spoken: nothing where that suffices."""
    return [_family(spoken())] if spoken() in FAMILIES else []


def unseen() -> str:
    """What is to be said where the system has no font for the language; empty where it has one."""
    if families() != [BLANK]:
        return ""
    return (
        f"no font here has the letters of {spoken()!r}: figures as PNG and PDF are without them; the page and SVG "
        f"files are whole, as the browser draws their text. Install one, such as {FAMILIES[spoken()][0]!r} (Debian: "
        "fonts-noto-cjk or fonts-wqy-microhei)"
    )


@cache
def _family(language: str) -> str:
    """The first that there is; fonts that were installed after matplotlib last looked count, too."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    if found := _known(language):
        return _bold(found)
    seen = {Path(entry.fname) for entry in fontManager.ttflist}
    for path in sorted(set(map(Path, findSystemFonts())) - seen):
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError, ValueError):  # one that matplotlib cannot read
            continue
    return _bold(_known(language) or _blanks())


def _known(language: str) -> str:
    from matplotlib.font_manager import fontManager

    names = {entry.name for entry in fontManager.ttflist}
    return next((name for name in FAMILIES[language] if name in names), "")


def _bold(family: str) -> str:
    """The family; titles take its regular letters where it has no bold ones, without a word from matplotlib."""
    from matplotlib.font_manager import fontManager

    ours = [entry for entry in fontManager.ttflist if entry.name == family]
    if not any(entry.weight in (700, "bold") for entry in ours):
        fontManager.ttflist.append(replace(ours[0], weight=700))
    return family


def _blanks() -> str:
    """Make the font of blanks known to matplotlib."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph
    from matplotlib.font_manager import fontManager

    font = FontBuilder(EM, isTTF=True)
    font.setupGlyphOrder([".notdef", "blank"])
    font.setupCharacterMap({code: "blank" for low, high in RANGES for code in range(low, high + 1)})
    font.setupGlyf({".notdef": Glyph(), "blank": Glyph()})
    font.setupHorizontalMetrics({".notdef": (EM, 0), "blank": (EM, 0)})
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"familyName": BLANK, "styleName": "Regular"})
    font.setupOS2(sTypoAscender=880, sTypoDescender=-120)
    font.setupPost()
    path = Path(_folder().name) / "blanks.ttf"
    font.save(path)
    fontManager.addfont(path)
    return BLANK


@cache
def _folder() -> "TemporaryDirectory[str]":
    """Where the font is as long as this process lives."""
    return TemporaryDirectory(prefix="optbench-fonts-", ignore_cleanup_errors=True)
