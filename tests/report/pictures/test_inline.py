"""What the page gets of a drawing: panels by themselves, marks with their candidate and numbers, few bytes."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from optbench.report.pictures import formats
from optbench.report.pictures.inline import panels, whole
from optbench.report.pictures.marks import mark, notes, panel
from optbench.report.pictures.panels import facets
from optbench.report.pictures.small import _relative, small
from optbench.report.pictures.style import INK, candidate_styles, drawing
from optbench.report.pictures.swatch import swatch

LOOKS = candidate_styles(["sgd", "<b>&"])


def figure(points=3):
    x = np.arange(points) / points
    with drawing():
        made, axes = facets(2, 2.0)
        for axis, workload in zip(axes, ("w", "v"), strict=True):
            panel(axis, workload)
            for name, look in LOOKS.items():
                mark(axis.plot(x, x**2, color=look.color, marker=look.marker), look.key, f"{name}: 1…")
            axis.set_xlim(0, 1)
            axis.set_ylim(0, 4)
            axis.set_xlabel("steps")
            axis.set_title("<script>")
    formats.freeze(made)
    return made


def test_panels_stand_alone_with_what_they_share_in_front():
    made = figure()
    defs, first, second = panels(made, formats.svg(made), "name", "What <it> shows.")
    assert (defs.workload, first.workload, second.workload) == ("", "w", "v")
    ids = re.findall(r'\bid="([^"]+)"', defs.svg + first.svg + second.svg)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', first.svg + second.svg))
    assert {a or b for a, b in used} <= set(ids)
    for one, workload in ((first.svg, "w"), (second.svg, "v")):
        root = ET.fromstring(one)
        assert root.get("aria-label") == f"What <it> shows. {workload}"
        assert [t.text for t in root.iter("title")] == ["sgd: 1…", "<b>&: 1…"]
        assert [g.get("class") for g in root.iter("g") if g.get("class")] == ["c0", "c1"]
    widths = [ET.fromstring(p.svg).get("viewBox").split()[2:] for p in (first, second)]
    assert widths[0] == widths[1]


def test_a_panel_tells_how_places_turn_into_numbers():
    made = figure()
    text = panels(made, formats.svg(made), "name", "")[1].svg
    root = ET.fromstring(text)
    import json

    scales = json.loads(root.get("data-axes"))
    assert (scales["x"], scales["y"], scales["log"]) == ([0, 1], [0, 4], [False, False])
    assert scales["named"] == ["steps", ""]
    # the curve's last point, 2/3 and 4/9, read from its path through these scales
    line = next(p for g in root.iter("g") if g.get("class") == "c0" for p in g.iter("path"))
    steps = np.array(re.findall(r"-?\d+(?:\.\d+)?", line.get("d")), dtype=float).reshape(-1, 2)
    x, y = steps.sum(axis=0)
    left, bottom, right, top = scales["box"]
    assert (x - left) / (right - left) == pytest.approx(2 / 3, abs=0.01)
    assert 4 * (y - bottom) / (top - bottom) == pytest.approx(4 / 9, abs=0.03)


def test_two_figures_share_no_ids():
    made = figure()
    document = formats.svg(made)
    one, other = (
        set(re.findall(r'\bid="([^"]+)"', "".join(p.svg for p in panels(made, document, name, ""))))
        for name in ("one", "other")
    )
    assert one
    assert not one & other


def test_whole_it_has_all_in_one_element():
    made = figure()
    root = ET.fromstring(whole(made, formats.svg(made), "name", "said"))
    assert root.get("aria-label") == "said"
    assert len([g for g in root.iter("g") if g.get("class")]) == 4


def test_colours_are_the_pages_own():
    made = figure()
    text = "".join(p.svg for p in panels(made, formats.svg(made), "name", ""))
    assert "var(--p0)" in text
    assert "var(--ink)" in text
    assert INK not in text
    assert "DejaVu" not in text


def test_long_paths_become_steps_that_do_not_drift():
    rng = np.random.default_rng(0)
    points = rng.uniform(-300, 300, (200, 2))
    path = "M " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points) + " z"
    short = _relative(path.removeprefix("M"))
    assert re.fullmatch(r"M-?[\d.]+ -?[\d.]+l[-\d. ]+z", short)
    numbers = np.array([float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", short)]).reshape(-1, 2)
    assert np.abs(np.cumsum(numbers, axis=0) - points).max() <= 0.0501
    assert len(short) < 0.6 * len(path)


def test_dots_become_steps_from_one_to_the_next():
    rng = np.random.default_rng(0)
    points = rng.uniform(-300, 300, (50, 2))
    path = " ".join(f"M {x:.6f} {y:.6f} L {x:.6f} {y:.6f}" for x, y in points)
    short = re.search('d="([^"]*)"', small(f'<path d="{path}"/>')).group(1)
    assert re.fullmatch(r"M-?[\d.]+ -?[\d.]+h0(m-?[\d.]+[ -][\d.]+h0)+", short)
    numbers = np.array([float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", short.replace("h0", " "))]).reshape(-1, 2)
    assert np.abs(np.cumsum(numbers, axis=0) - points).max() <= 0.0501
    assert len(short) < 0.9 * len("".join(_relative(one) for one in path.split("M") if one))


def test_curves_of_a_panel_are_clipped_together_and_nothing_else_is():
    with drawing():
        made, (axis,) = facets(1, 2)
        panel(axis)
        for row in range(4):
            mark(axis.plot([0, 2], [row, row + 5]), f"c{row}", f"{row}…")
        axis.set(xlim=(0, 1), ylim=(0, 4))
    formats.freeze(made)
    _, one = panels(made, formats.svg(made), "name", "said")
    root = ET.fromstring(one.svg)
    (together,) = [g for g in root.iter("g") if g.get("clip-path") and g.findall("g")]
    assert [g.get("class") for g in together.findall("g")] == ["c0", "c1", "c2", "c3"]
    assert not any(part.get("clip-path") for g in together.findall("g") for part in g.iter())
    assert not any(part.tag == "text" for part in together.iter())


def test_a_mark_is_noted_once_for_all_its_artists():
    with drawing():
        made, (axis,) = facets(1, 1.0)
        mark(axis.plot([0, 1]) + axis.plot([1, 0]), "c3", "told")
        mark(axis.plot([0, 0]), "c3")
    assert notes(made).tips == ["told"]
    assert [line.get_gid() for line in axis.lines] == ["mark:c3:0", "mark:c3:0", "mark:c3:"]


def test_a_key_shows_dash_and_marker():
    looks = candidate_styles([str(i) for i in range(10)])
    assert "stroke-dasharray" not in swatch(looks["0"])
    assert "stroke-dasharray" in swatch(looks["9"])
    assert "var(--p0)" in swatch(looks["0"])
    assert "var(--ink)" in swatch(looks["6"])


def test_a_dot_and_its_interval_are_one_group_and_other_candidates_another():
    with drawing():
        made, (axis,) = facets(1, 2)
        panel(axis)
        for row, key in enumerate(("c0", "c1")):
            marks = [*axis.plot([0, 1], [row, row]), *axis.plot([0.5], [row], marker="o", linestyle="none")]
            mark(marks, key, "the same")
        formats.freeze(made)
    root = ET.fromstring(panels(made, formats.svg(made), "name", "")[1].svg)
    groups = [g for g in root.iter("g") if g.find("title") is not None]
    assert [g.get("class") for g in groups] == ["c0", "c1"]
    assert [len([*g.iter("path"), *g.iter("use")]) for g in groups] == [2, 2]


def test_a_line_of_one_place_has_no_steps():
    assert _relative(" 53.12 73.94 ") == "M53.1 73.9"
