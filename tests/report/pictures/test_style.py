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
        (1e-12, 1, ["1e-12", "1e-10", "1e-8", "1e-6", "0.0001", "0.01", "1"]),
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
