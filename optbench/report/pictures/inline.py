"""A drawing as inline SVG: small, in the page's own colours and letters, with ids that clash with no other figure's.

A figure whose panels can stand alone becomes an element a panel, so that the page can lay them out, on a phone one
below the other, and hide those of a workload. Marks get the class of their candidate and a <title> with their numbers.
"""

import json
import math
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass
from html import escape
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from optbench.report.pictures.marks import PREFIX, Notes, notes
from optbench.report.pictures.small import small

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
ET.register_namespace("", SVG.strip("{}"))
ET.register_namespace("xlink", HREF[1 : HREF.index("}")])

#: points around a panel's ink
MARGIN = 3.0

@dataclass(frozen=True)
class Panel:
    """An <svg> element, and the workload it shows ("" for none in particular)."""

    svg: str
    workload: str = ""


def panels(figure: Figure, document: str, name: str, description: str) -> list[Panel]:
    """The elements for the page, from a figure (laid out) and the SVG document that `formats.svg` made of it.

    name          unique on the page: prefix of the ids in it
    description   what is said where the drawing cannot be seen
    Definitions that panels share are in the first element, so all have to stand on the page.
    """
    root, defs = _prepared(document, name, notes(figure))
    noted = notes(figure).panels
    if not noted:
        return [Panel(_element(root, _view(root), description, shrink=0.9))]
    groups = {g.get("data-panel"): g for g in root.iter(f"{SVG}g") if g.get("data-panel")}
    boxes = _boxes(figure, [axis for axis, _ in noted])
    made = []
    for number, (axis, workload) in enumerate(noted):
        group = groups[str(number)]
        del group.attrib["data-panel"]
        said = f"{description} {workload}" if workload else description
        element = _element(group, boxes[number], said, shrink=0.8, grow=1.9, scales=_scales(figure, axis))
        made.append(Panel(element, workload))
    shared = small(ET.tostring(defs, encoding="unicode"))
    return [Panel(f'<svg class="defs" aria-hidden="true">{shared}</svg>'), *made]


def whole(figure: Figure, document: str, name: str, description: str) -> str:
    """The whole figure as one element."""
    root, _ = _prepared(document, name, notes(figure), whole=True)
    return _element(root, _view(root), description, shrink=0.9)


def _prepared(document: str, name: str, noted: Notes, whole: bool = False) -> tuple[ET.Element, ET.Element]:
    """(the document without what the page does not need, its definitions): ids prefixed, marks classed and titled."""
    root = ET.fromstring(document)
    split = bool(noted.panels) and not whole
    defs = ET.Element(f"{SVG}defs")
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{SVG}metadata" or (child.tag == f"{SVG}defs" and child.find(f"{SVG}style") is not None):
                parent.remove(child)  # a style would reach all of the page
            elif child.tag == f"{SVG}defs" and split:
                parent.remove(child)
                defs.extend(child)
    ids = _Ids(name)
    for element in [*root.iter(), *defs.iter()]:
        _identify(element, ids, noted, split)
        href = element.attrib.pop(HREF, None)
        if href is not None:
            element.set("href", f"#{ids[href[1:]]}" if href.startswith("#") else href)
        clip = element.get("clip-path")
        if clip is not None:
            element.set("clip-path", f"url(#{ids[clip[5:-1]]})")
        for text in ("text", "tail"):  # indentation
            value = getattr(element, text)
            if value is not None and not value.strip():
                setattr(element, text, None)
    _flatten(root)
    _clip_together(root)
    return root, defs


class _Ids(dict[str, str]):
    """Short ids for a figure's own, unique on the page."""

    def __init__(self, name: str):
        # a number is that of a figure on the page
        self.prefix = f"i{name}-" if name.isdigit() else f"i{zlib.crc32(name.encode()):x}-"

    def __missing__(self, label: str) -> str:
        self[label] = f"{self.prefix}{len(self)}"
        return self[label]


def _flatten(element: ET.Element) -> None:
    """Groups that say nothing give way to what is in them; a style or clip that all in a group share is the group's."""
    for child in element:
        _flatten(child)
    _join(element)
    if any(child.tag == f"{SVG}g" and not child.attrib for child in element):
        inner = [
            part
            for child in element
            for part in (child if child.tag == f"{SVG}g" and not child.attrib else (child,))
        ]
        element[:] = inner
    if element.tag == f"{SVG}g" and len(element) > 2:
        for name in ("style", "clip-path"):
            shared = {child.get(name) for child in element if child.tag != f"{SVG}title"}
            if len(shared) == 1 and None not in shared and name not in element.attrib:
                element.set(name, str(shared.pop()))
                for child in element:
                    child.attrib.pop(name, None)


def _clip_together(element: ET.Element) -> None:
    """Neighbours that are clipped alike, the curves of a panel, become one group that is."""
    for child in element:
        _clip_together(child)
    made: list[ET.Element] = []
    for clip, run in groupby(list(element), _clip_of):
        neighbours = list(run)
        if clip and len(neighbours) > 2:
            for one in neighbours:
                for part in (one, *one):
                    part.attrib.pop("clip-path", None)
            group = ET.Element(f"{SVG}g", {"clip-path": clip})
            group.extend(neighbours)
            neighbours = [group]
        made.extend(neighbours)
    element[:] = made


def _clip_of(element: ET.Element) -> str:
    """What clips an element, or all that a group draws; "": nothing, not all alike, or by coordinates of its own."""
    parts = [part for part in element if part.tag != f"{SVG}title"]
    if "transform" in element.attrib or any("transform" in part.attrib for part in parts):
        return ""
    if "clip-path" in element.attrib or element.tag != f"{SVG}g":
        return element.get("clip-path", "")
    clips = {part.get("clip-path", "") for part in parts}
    return clips.pop() if len(clips) == 1 else ""


def _join(element: ET.Element) -> None:
    """Neighbours of one candidate that say the same, a dot and its interval, become one group."""
    kept: list[ET.Element] = []
    for child in element:
        last = kept[-1] if kept else None
        said = child.findtext(f"{SVG}title")
        if last is not None and said and last.attrib == child.attrib and last.findtext(f"{SVG}title") == said:
            last.extend(child[1:])
        else:
            kept.append(child)
    element[:] = kept


def _identify(element: ET.Element, ids: _Ids, noted: Notes, split: bool) -> None:
    label = element.attrib.pop("id", None)
    if label is None:
        return
    if element.tag != f"{SVG}g":
        element.set("id", ids[label])
    elif label.startswith(PREFIX):
        key, number = label.removeprefix(PREFIX).split(":")
        if key:
            element.set("class", key.replace(".", " "))
        if number:
            title = ET.Element(f"{SVG}title")
            title.text = noted.tips[int(number)]
            element.insert(0, title)
    elif label.startswith("panel:") and split:
        element.set("data-panel", label.removeprefix("panel:"))


def _element(
    content: ET.Element,
    box: tuple[float, float, float, float],
    description: str,
    *,
    shrink: float,
    grow: float = 1.6,
    scales: str = "",
) -> str:
    """<svg> around what is in `content`.

    shrink   legible on a phone: it scrolls in its container rather than shrink below this share of its size
    grow     nor does it grow beyond so much
    """
    left, top, width, height = box
    inner = "".join(ET.tostring(child, encoding="unicode") for child in content)
    return (
        f'<svg viewBox="{left:.4g} {top:.4g} {width:.4g} {height:.4g}" role="img" aria-label="{escape(description)}" '
        f'style="width:100%;min-width:{shrink * width:.0f}px;max-width:{grow * width:.0f}px"{scales}>'
        f"{small(inner)}</svg>"
    )


def _view(root: ET.Element) -> tuple[float, float, float, float]:
    left, top, width, height = map(float, root.get("viewBox", "0 0 720 300").split())
    return left, top, width, height


def _boxes(figure: Figure, axes: list[Axes]) -> list[tuple[float, float, float, float]]:
    """(left, top, width, height) of each panel's ink, in points; all of one size, so that letters are."""
    tall = figure.get_figheight() * 72
    ink = [notes(figure).boxes[axis] for axis in axes]
    width = max(box.width for box in ink) + 2 * MARGIN
    height = max(box.height for box in ink) + 2 * MARGIN
    # room is added at the left and below: titles stay level, and right ends flush
    return [(box.x1 + MARGIN - width, tall - box.y1 - MARGIN, width, height) for box in ink]


def _scales(figure: Figure, axis: Axes) -> str:
    """How places turn into numbers, for what the page says about curves."""
    scale = 72 / figure.dpi
    tall = figure.get_figheight() * 72
    box = axis.get_window_extent()
    ends = [*axis.get_xlim(), *axis.get_ylim()]
    if not all(map(math.isfinite, ends)):
        return ""
    told = {
        "box": [round(v, 1) for v in (box.x0 * scale, tall - box.y0 * scale, box.x1 * scale, tall - box.y1 * scale)],
        "x": [float(f"{v:.6g}") for v in ends[:2]],
        "y": [float(f"{v:.6g}") for v in ends[2:]],
        "log": [axis.get_xscale() == "log", axis.get_yscale() == "log"],
        "named": [axis.get_xlabel(), axis.get_ylabel()],
    }
    return f' data-axes="{escape(json.dumps(told, separators=(",", ":")))}"'
