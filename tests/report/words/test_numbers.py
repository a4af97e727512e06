import numpy as np
import pytest

from optbench.report.words.numbers import effect, number, ratio


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123, "0.12"), (12.34, "12.3"), (1234.5, "1.23e+03"), (np.inf, "inf"), (None, "-"), (np.nan, "-")],
)
def test_ratio(value, text):
    assert ratio(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(-4.19e69, "-4.19e+69"), (1234567.0, "1234567"), (1e7, "1e+07"), (0.1234, "0.1234")]
)
def test_no_number_is_longer_than_a_column(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ((0.9737, 0.9721, 0.9753, ""), "0.974 [0.972, 0.975]"),
        ((0.8357, 0.3142, 1.36, "loss"), "0.84 [0.31, 1.36] loss"),
        ((23.6, 23.51, 23.73, ""), "23.6 [23.5, 23.7]"),
        ((0.00412, 0.00288, 0.00536, "loss"), "0.0041 [0.0029, 0.0054] loss"),
        ((132.4, 58.3, 206.0, "steps"), "132 [58, 206] steps"),
        ((-0.0001, -0.03, 0.03, "accuracy"), "0.000 [−0.030, 0.030] accuracy"),
        ((0.0, 0.0, 0.0, "accuracy"), "0.00 [0.00, 0.00] accuracy"),
        ((np.nan, np.nan, np.nan, ""), "– [–, –]"),
        ((np.inf, 2.0, np.inf, ""), "∞ [2.00, ∞]"),
    ],
)
def test_an_effect_and_its_interval_have_as_many_places(row, text):
    assert effect(dict(zip(("effect", "low", "high", "unit"), row, strict=True))) == text
