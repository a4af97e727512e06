"""Every scale maps [0, 1] onto its range, evenly in that scale, and back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.hyperparameters import Hyper
from optbench.tuning import from_unit, to_unit
from optbench.tuning.scales import values

unit = st.floats(0, 1)


@st.composite
def real(draw):
    scale = draw(st.sampled_from(["linear", "log", "log1m"]))
    if scale == "linear":
        low = draw(st.floats(-1e6, 1e6))
        return Hyper(0.5, low, low + draw(st.floats(1e-3, 1e6)), scale)
    ends = sorted(draw(st.tuples(st.floats(-9, -1e-3), st.floats(-9, -1e-3))))
    if ends[1] - ends[0] < 1e-2:
        ends[0] -= 0.1
    low, high = (10**e for e in ends)
    return Hyper(0.5, low, high, scale) if scale == "log" else Hyper(0.5, 1 - high, 1 - low, scale)


@given(real(), unit)
def test_real_scales_round_trip(hyper, u):
    value = from_unit(hyper, u)
    assert type(value) is float
    assert hyper.low <= value <= hyper.high
    # 1 - value has few digits left where value is near 1, and so does the way back.
    assert to_unit(hyper, value) == pytest.approx(u, abs=1e-5)


@given(real(), unit, unit)
def test_real_scales_never_turn_back(hyper, u, v):
    if u <= v:
        assert from_unit(hyper, u) <= from_unit(hyper, v)


@given(st.integers(-50, 50), st.integers(1, 60), unit)
def test_whole_numbers_round_trip(low, width, u):
    hyper = Hyper(low, low, low + width, "integer")
    value = from_unit(hyper, u)
    assert type(value) is int
    assert low <= value <= low + width
    assert from_unit(hyper, to_unit(hyper, value)) == value
    assert abs(to_unit(hyper, value) - u) <= 0.5 / (width + 1) + 1e-9


@given(st.lists(st.integers(), min_size=1, max_size=9, unique=True), unit)
def test_choices_round_trip(choices, u):
    hyper = Hyper(choices[0], scale="choice", choices=tuple(choices))
    value = from_unit(hyper, u)
    assert value in choices
    assert from_unit(hyper, to_unit(hyper, value)) == value


@pytest.mark.parametrize(
    ("hyper", "middle"),
    [
        (Hyper(1.0, 2.0, 4.0, "linear"), 3.0),
        (Hyper(0.1, 1e-4, 1.0, "log"), 1e-2),
        # half-way between 1 - 0.9 and 1 - 0.999, in decades
        (Hyper(0.9, 0.9, 0.999, "log1m"), 0.99),
        (Hyper(8, 8, 128, "log"), 32),
        (Hyper(5, 1, 9, "integer"), 5),
        (Hyper("a", scale="choice", choices=("a", "b", "c")), "b"),
    ],
)
def test_ends_and_middle(hyper, middle):
    ends = (hyper.choices[0], hyper.choices[-1]) if hyper.choices else (hyper.low, hyper.high)
    for u, expected in ((0, ends[0]), (0.5, middle), (1, ends[1])):
        value = from_unit(hyper, u)
        assert value == (expected if isinstance(expected, str) else pytest.approx(expected))
        assert type(value) is type(hyper.default)


def test_each_whole_number_and_each_choice_is_as_likely():
    cube = (np.arange(6000) + 0.5) / 6000
    dice = Hyper(1, 1, 6, "integer")
    assert np.bincount([from_unit(dice, u) for u in cube])[1:].tolist() == [1000] * 6
    words = Hyper("a", scale="choice", choices=("a", "b", "c"))
    drawn = [from_unit(words, u) for u in cube]
    assert [drawn.count(w) for w in "abc"] == [2000] * 3


def test_outside_a_range_is_at_its_end():
    hyper = Hyper(0.1, 1e-3, 1e-1, "log")
    assert (to_unit(hyper, 1e-9), to_unit(hyper, 1e9)) == (0, 1)


def test_outside_the_cube_is_refused():
    with pytest.raises(ValueError, match=r"in \[0, 1\], got 1\.5"):
        from_unit(Hyper(0.1, 0, 1), 1.5)


def test_how_many_values_there_are():
    assert values(Hyper(1, 1, 6, "integer")) == 6
    assert values(Hyper("a", scale="choice", choices=("a", "b"))) == 2
    assert values(Hyper(8, 8, 128, "log")) == 121
    assert values(Hyper(0.5, 0.0, 1.0)) == math.inf
