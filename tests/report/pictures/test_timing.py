"""Colours of time: seen on both papers, even to the eye, with whole steps at the bar."""

import numpy as np
import pytest

from optbench.report.pictures.style import PAPER
from optbench.report.pictures.timing import colors, ticks, until

#: of the page's style sheet
NIGHT = "#15171b"


def linear(rgb):
    rgb = np.asarray(rgb, dtype=float)
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return linear(rgb) @ [0.2126, 0.7152, 0.0722]


def lightness(rgb):
    """CIE 1976 L*."""
    y = luminance(rgb)
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


def of_hex(text):
    return [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]


COLORS = np.array([colors()(share)[:3] for share in np.linspace(0, 1, 41)])


def test_all_colours_stand_out_on_light_and_dark_paper():
    own, paper, night = luminance(COLORS), luminance(of_hex(PAPER)), luminance(of_hex(NIGHT))
    assert ((paper + 0.05) / (own + 0.05)).min() > 2
    assert ((own + 0.05) / (night + 0.05)).min() > 2.5


def test_later_is_lighter_and_evenly_so_also_without_hue():
    steps = np.diff(lightness(COLORS))
    assert steps.min() > 0
    assert steps.max() < 2 * steps.mean()


@pytest.mark.parametrize(("steps", "expected"), [(300, [0, 20, 80, 200, 300]), (1, [0, 1]), (5, [0, 1, 3, 5])])
def test_ticks_are_whole_steps_with_the_first_and_the_last(steps, expected):
    assert ticks(steps) == expected


def test_a_path_without_steps_has_colours_too():
    assert until(0)(0) == 0
