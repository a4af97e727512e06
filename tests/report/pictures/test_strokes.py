"""Dots that are one path, and lines without the points that nobody sees."""

import re

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optbench.report.pictures import formats
from optbench.report.pictures.panels import figure
from optbench.report.pictures.strokes import SEEN, specks, stroke

SIDE = 100.0  # points of a square whose coordinates are its points


def square():
    made = figure(SIDE / 72, SIDE / 72)
    made.set_layout_engine("none")
    made.dpi = 72
    axis = made.add_axes((0, 0, 1, 1))
    axis.set_axis_off()
    axis.set(xlim=(0, SIDE), ylim=(0, SIDE))
    return made, axis


def path_of(made):
    (line,) = made.axes[0].lines
    line.set_gid("mine")
    group = re.search(r'<g id="mine">(.*?)</g>', formats.svg(made), re.DOTALL)
    return np.array(re.findall(r"-?\d+(?:\.\d+)?", re.search(r' d="([^"]*)"', group[1])[1]), dtype=float).reshape(-1, 2)


def test_specks_are_discs_in_one_path():
    made, axis = square()
    x, y = np.array([20.0, 50.0, 80.0]), np.array([30.0, 60.0, 90.0])
    specks(axis, x, y, 8, color="black")
    ends = path_of(made)
    np.testing.assert_allclose(ends[::2], np.column_stack([x, SIDE - y]), atol=1e-3)
    np.testing.assert_allclose(ends[1::2], ends[::2], atol=1e-3)
    canvas = FigureCanvasAgg(made)
    canvas.draw()
    ink = 1 - np.asarray(canvas.buffer_rgba())[:, :, 0] / 255
    np.testing.assert_allclose(ink.sum(), 3 * np.pi * 4**2, rtol=0.05)  # also where lines are made of pixels


def test_a_coarse_line_has_fewer_points_and_nobody_sees_it():
    x = np.linspace(0, SIDE, 64)
    y = 50 + 40 * np.sin(x / 25)
    drawn = []
    for coarse in (False, True):
        made, axis = square()
        stroke(axis, x, y, coarse=coarse)
        drawn.append(path_of(made))
    whole, coarse = drawn
    assert len(whole) == 64
    assert len(coarse) < 40
    between = np.interp(whole[:, 0], coarse[:, 0], coarse[:, 1])
    steepest = np.hypot(1, 40 / 25)  # a distance across the line is less than one upwards
    assert np.abs(between - whole[:, 1]).max() < 2 * SEEN * steepest
