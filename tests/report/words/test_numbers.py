import numpy as np
import pytest

from optbench.report.words.numbers import ratio


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123, "0.12"), (12.34, "12.3"), (1234.5, "1.23e+03"), (np.inf, "inf"), (None, "-"), (np.nan, "-")],
)
def test_ratio(value, text):
    assert ratio(value) == text
