"""Fewer bytes for the same drawing, in the page's colours."""

import re
from itertools import pairwise

from optbench.report.pictures.style import FAINT, GRID, INK, MUTED, PALETTE, PAPER

#: literal colours of the drawing -> the page's
VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--grid)",
    PAPER: "var(--paper)",
    FAINT: "var(--faint)",
    "#ffffff": "var(--paper)",  # edges of seaborn's markers
    **{color: f"var(--p{i})" for i, color in enumerate(PALETTE) if color != INK},
}

#: styles that stand on a page some thousand times -> classes of its style sheet
CLASSES = {
    "font-size:8.5px;text-anchor:end;fill:var(--ink)": "te",
    "font-size:8.5px;text-anchor:middle;fill:var(--ink)": "tm",
    "fill:none;stroke:var(--grid);stroke-width:0.7;stroke-linecap:square": "gl",
    "fill:var(--muted);stroke:var(--muted);stroke-width:0.8": "tk",
    "fill:none;stroke:var(--faint);stroke-width:0.7;stroke-linecap:square": "fa",
    "fill:none;stroke:var(--faint);stroke-width:0.7": "fa",
    "font-weight:700;font-size:8.5px;text-anchor:middle;fill:var(--ink)": "tb",
    "fill:none;stroke:var(--muted);stroke-width:0.7;stroke-linejoin:miter;stroke-linecap:square": "sp",
}
#: dots of seeds and ticks at medians, by colour: the style before and behind it -> the first letter of its class
_BY_COLOR = (
    ("fill:none;stroke:", ";stroke-opacity:0.65;stroke-width:4;stroke-linecap:round", "q"),
    ("fill:none;stroke:", ";stroke-width:2.2;stroke-linecap:square", "r"),
)
for _place, _color in enumerate(PALETTE):
    for _before, _behind, _letter in _BY_COLOR:
        CLASSES[f"{_before}{VARIABLES[_color]}{_behind}"] = f"{_letter}{_place}"

_NUMBERS = re.compile(r' (?:d|transform|points|width|height)="[^"]*"')
_PLACE = re.compile(r' ([xy])="(-?\d+)\.(\d)\d*"')
_DECIMALS = re.compile(r"(-?\d+\.\d\d)\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_COARSE = re.compile(r"(-?\d+\.\d)\d+")
#: characters of a closed path from which on it is a curve over a panel, not a marker of three units
_LONG = 250
_FONT = re.compile(r" ?font-family: 'DejaVu Sans'[^;\"]*;")
_DEFAULT = re.compile(r"stroke-dashoffset: ?0;? ?")
_MARKS = re.compile(r'<use x="(-?\d+\.\d)\d*" y="(-?\d+\.\d)\d*"')
_UNTURNED = re.compile(r' transform="rotate\(-0 [^"]*"')
_SPACES = re.compile(r"(?<=[:;]) ")
_NAMESPACES = re.compile(r' xmlns(?::\w+)?="[^"]*"')


def small(markup: str) -> str:
    """The markup without what no eye sees."""
    markup = _NAMESPACES.sub("", markup)
    markup = _UNTURNED.sub("", markup)
    markup = re.sub(r"\s{2,}", " ", markup)
    markup = _NUMBERS.sub(_round, markup)
    markup = _PLACE.sub(_placed, markup)
    markup = _MARKS.sub(r'<use x="\1" y="\2"', markup)
    markup = _FONT.sub("", markup)
    markup = _DEFAULT.sub("", markup)
    markup = re.sub(r'style="[^"]*"', lambda m: _SPACES.sub("", m.group()), markup)
    for literal, variable in VARIABLES.items():
        markup = markup.replace(literal, variable)
    for style, name in CLASSES.items():
        markup = markup.replace(f'style="{style}"', f'class="{name}"')
    return markup.replace(" />", "/>")


def _placed(attribute: re.Match[str]) -> str:
    """A text's place, to a tenth of a point."""
    name, whole, tenths = attribute.groups()
    return f' {name}="{whole}{"" if tenths == "0" else f".{tenths}"}"'


def _round(attribute: re.Match[str]) -> str:
    text = attribute.group()
    if len(text) < _LONG and ("z" in text or " d=" not in text or "C" in text or "Q" in text):
        return _DECIMALS.sub(r"\1", text)
    if "C" in text or "Q" in text:
        return _COARSE.sub(r"\1", text)
    name, path = text[:-1].split('="')
    lines = [line for line in path.split("M") if line.strip()]
    return f'{name}="{_dots(lines) or "".join(map(_relative, lines))}"'


def _dots(lines: list[str]) -> str:
    """Lines without a length, which are the dots of one path, from one to the next: `M52.5 107.5h0m8.8-1.2h0`."""
    places = []
    for line in lines:
        numbers = [round(10 * float(v)) for v in _NUMBER.findall(line)]
        if len(numbers) != 4 or numbers[:2] != numbers[2:]:
            return ""
        places.append(numbers[:2])
    moved = "".join(f"m{_step(b[0] - a[0]).lstrip()}{_step(b[1] - a[1])}h0" for a, b in pairwise(places))
    return f"M{places[0][0] / 10:g} {places[0][1] / 10:g}h0{moved}" if places else ""


def _step(tenths: int) -> str:
    return f"{' ' if tenths >= 0 else ''}{tenths / 10:g}"


def _relative(line: str) -> str:
    """A path of straight lines as steps of tenths of a point, without drift: `M52.5 107.5l8.8-1.2 8.8 3z`."""
    end = "z" if "z" in line else ""
    numbers = [round(10 * float(v)) for v in _NUMBER.findall(line)]
    steps = [b - a for a, b in zip(numbers, numbers[2:], strict=False)]
    moved = "".join(map(_step, steps))
    return f"M{numbers[0] / 10:g} {numbers[1] / 10:g}{'l' if moved else ''}{moved.lstrip()}{end}"
