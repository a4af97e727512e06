"""A small DejaVu Sans for PDF files.

matplotlib embeds into each PDF file the letters that it uses. To find them in the whole of DejaVu Sans, with its 6,000
glyphs and their layout tables, takes a quarter of a second a file. So the letters that figures usually have are taken
out once a process. A name in other letters falls back to the whole font.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

WHOLE = "DejaVu Sans"
SMALL = "DejaVu Sans Core"
FILES = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
#: besides the printable letters of ASCII and Latin-1
SIGNS = "…–—−×∞≤≥±µτβ←→²\u200b\ufffd\u2019"
_FAMILY = (1, 16)  # records of the name table; 4 and 6 are the font's own name


@cache
def families() -> tuple[str, ...]:
    """Font families by preference; makes the small font known to matplotlib."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from matplotlib import get_data_path
    from matplotlib.font_manager import fontManager

    options = Options(drop_tables=["FFTM"], layout_features=[], name_IDs=["*"], notdef_outline=True, glyph_names=False)
    letters = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, SIGNS)]
    for file in FILES:
        with TTFont(Path(get_data_path()) / "fonts" / "ttf" / file, lazy=True, recalcTimestamp=False) as font:
            for table in ("GSUB", "GPOS", "GDEF"):
                if table in font:
                    del font[table]  # parsing them is what takes long
            subsetter = Subsetter(options)
            subsetter.populate(unicodes=letters)
            subsetter.subset(font)
            for record in font["name"].names:
                if record.nameID in (*_FAMILY, 4, 6):
                    renamed = record.toUnicode().replace(WHOLE, SMALL).replace("DejaVuSans", "DejaVuSansCore")
                    font["name"].setName(renamed, record.nameID, record.platformID, record.platEncID, record.langID)
            path = Path(_folder().name) / file
            font.save(path)
        fontManager.addfont(path)
    return SMALL, WHOLE


def boxed(suite: Mapping[str, Any]) -> str:
    """What is to be said, once, of letters in names that the font lacks; empty where it has them all."""
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font

    tables = [*suite.get("workloads", ()), *suite.get("candidates", ())]
    names = [str(table.get(field) or "") for table in tables for field in ("name", "title")]
    known = FT2Font(str(Path(get_data_path()) / "fonts" / "ttf" / FILES[0])).get_charmap()
    lacking = dict.fromkeys(letter for name in names for letter in name if ord(letter) not in known)
    if not lacking:
        return ""
    told = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in list(lacking)[:5])
    return f"figures show a box where names have {told}: their font has no such letter; the page's text shows it"


@contextmanager
def lenient() -> Iterator[None]:
    """Drawing without a warning from matplotlib for each letter that the font lacks: `boxed` tells it once."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        yield


@cache
def _folder() -> "TemporaryDirectory[str]":
    """Where the small font is as long as this process lives."""
    return TemporaryDirectory(prefix="optbench-fonts-", ignore_cleanup_errors=True)
