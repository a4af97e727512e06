import re

from optbench.registry.registry import registry
from optbench.report.pictures.formula import formula_svg
from optbench.suite import load


def test_a_formula_is_outlines_in_the_pages_ink():
    drawn = formula_svg(r"\frac{a}{\sqrt{b}} < c")
    assert "<text" not in drawn
    assert "font" not in drawn
    assert "&lt; c" in drawn  # its source, for those who cannot see it
    numbers = [float(v) for v in re.findall(r"-?\d+\.\d+", re.search(r'd="([^"]*)"', drawn)[1])]
    left, top, width, height = map(float, re.search(r'viewBox="([^"]*)"', drawn)[1].split())
    assert left <= min(numbers[0::2]) <= max(numbers[0::2]) <= left + width
    assert top <= min(numbers[1::2]) <= max(numbers[1::2]) <= top + height


def test_a_fraction_is_taller_than_a_letter():
    heights = [
        float(re.search(r'viewBox="([^"]*)"', formula_svg(f))[1].split()[3])
        for f in ("a", r"\frac{a}{b}")
    ]
    assert heights[1] > 1.4 * heights[0]


def test_every_formula_of_the_fundamentals_is_drawn():
    for topic in load("fundamentals", registry()).topics:
        written = [line for line in topic.formula.splitlines() if line.strip()]
        assert written
        assert all(formula_svg(line.strip()).startswith("<svg") for line in written)
