import os
import subprocess
import sys

import pytest

from optbench.report.pictures.panels import figure, label, log_ticks
from optbench.report.pictures.style import PALETTE, candidate_styles, drawing


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_candidate_of_forty_is_told_apart_by_colour_and_dash_and_by_colour_and_marker():
    styles = candidate_styles([f"c{i}" for i in range(40)])
    assert len({(s.color, s.dash) for s in styles.values()}) == 40
    assert len({(s.color, s.marker) for s in styles.values()}) == 40


def test_eight_candidates_have_eight_colours_and_solid_lines():
    styles = candidate_styles([str(i) for i in range(8)])
    assert [s.color for s in styles.values()] == list(PALETTE)
    assert {s.dash for s in styles.values()} == {""}


def test_a_repeated_name_takes_no_second_place():
    assert candidate_styles(["a", "a", "b"]) == candidate_styles(["a", "b"])


@pytest.mark.parametrize("color", [c for c in PALETTE if c != PALETTE[6]])  # the ink turns with the paper
def test_colours_stand_out_on_light_and_dark_paper(color):
    paper, night, own = luminance("#fefefe"), luminance("#15171b"), luminance(color)
    assert (paper + 0.05) / (own + 0.05) > 2.1
    assert (own + 0.05) / (night + 0.05) > 3


def test_names_become_harmless_text():
    assert label("$x$ cost") == r"\$x\$ cost"
    assert "\x1b" not in label("\x1b[31mred")
    assert len(label("x" * 300)) == 26


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1, 1000, ["1", "10", "100", "1000"]),
        (0.001, 0.02, ["0.001", "0.002", "0.005", "0.01", "0.02"]),
        (1e-12, 1, ["1e-12", "1e-10", "1e-8", "1e-6", "1e-4", "0.01", "1"]),
        (-1, 5, []),
        (3, 3, []),
    ],
)
def test_log_ticks_are_few_plain_numbers_within_the_limits(low, high, expected):
    ticks, labels = log_ticks(low, high)
    assert labels == expected
    assert ticks == pytest.approx([float(t) for t in expected])


def test_a_narrow_log_axis_still_has_ticks():
    assert len(log_ticks(310, 420)[0]) >= 1


def test_drawing_leaves_the_users_settings_alone():
    import matplotlib

    before = matplotlib.rcParams["font.size"], matplotlib.rcParams["svg.fonttype"]
    with drawing():
        figure(1.0)
    assert (matplotlib.rcParams["font.size"], matplotlib.rcParams["svg.fonttype"]) == before


HOSTILE = """
text.usetex: True
font.weight: bold
path.sketch: 3, 100, 2
axes.spines.left: False
axes.spines.top: True
axes.xmargin: 0.4
axes.unicode_minus: False
axes.prop_cycle: cycler('color', ['ff0000'])
xtick.direction: in
xtick.major.width: 5
figure.dpi: 30
savefig.bbox: tight
savefig.transparent: True
lines.markeredgewidth: 9
mathtext.fontset: stix
backend: qtagg
"""
#: draws a figure, a formula and the referee's in a process of its own, since matplotlib reads its file at import
DRAW = """
import sys
from pathlib import Path
import pandas as pd
from optbench.referee import drawing as referee
from optbench.report.pictures import formats
from optbench.report.pictures.formula import formula_svg
from optbench.report.pictures.panels import facets, legend
from optbench.report.pictures.style import candidate_styles, drawing
out = Path(sys.argv[1])
with drawing():
    made, (axis,) = facets(1, 2.5)
    axis.plot([1, 2, 3], [-1, 2, 1.5], marker="o")
    axis.set_title("$x$ cost")
    axis.set_xlabel("steps")
    legend(made, ["a", "b"], candidate_styles(["a", "b"]))
formats.freeze(made)
(out / "a.svg").write_text(formats.svg(made) + formula_svg("x_{t+1} = x_t - \\\\eta g_t"), encoding="utf-8")
formats.save_png(made, out / "a.png")
formats.save_pdf(made, out / "a.pdf")
columns = {c: [] for c in ("part", "what", "world", "seeds", "value", "error", "quantity", "stated", "workloads")}
referee.draw(pd.DataFrame(columns, dtype=object), out / "referee.png")
"""


def test_a_users_matplotlibrc_changes_no_figure(tmp_path):
    made = []
    for name, text in (("plain", ""), ("hostile", HOSTILE)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "matplotlibrc").write_text(text)
        environment = {**os.environ, "MATPLOTLIBRC": str(folder)}
        subprocess.run([sys.executable, "-c", DRAW, str(folder)], env=environment, check=True)
        made.append({path.name: path.read_bytes() for path in folder.iterdir() if path.name != "matplotlibrc"})
    assert set(made[0]) == {"a.svg", "a.png", "a.pdf", "referee.png"}
    for name, content in made[0].items():
        assert content == made[1][name], name
