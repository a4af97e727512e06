"""Formulas in a line of Unicode."""

import re

import pytest

from optbench.registry.registry import registry
from optbench.report.words.formula import formula_lines, formula_text
from optbench.suite import load


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"v \leftarrow \beta\, v + (1 - \beta)\, \nabla J(w), \qquad w \leftarrow w - \alpha\, v",
         "v ← β v + (1 − β) ∇J(w),   w ← w − α v"),
        (r"\hat{m} = \frac{m}{1 - \beta_1^t}", "m̂ = m/(1 − β₁ᵗ)"),
        (r"w - \alpha\, \frac{\nabla J}{\sqrt{s + \varepsilon}}", "w − α ∇J/√(s + ε)"),
        (r"\frac{k\, \alpha_0}{\sqrt{t}}", "(k α₀)/√t"),
        (r"n^{[l-1]} \Vert W \Vert_F^2", "n^[l−1] ‖W‖_F²"),
        (r"\sum_{i=1}^{m} x^{(i)}", "Σᵢ₌₁ᵐ x⁽ⁱ⁾"),
        (r"\mathrm{He}:\ \ \mathrm{Var}\,[w]", "He: Var [w]"),
        (r"0.95^{\mathrm{epoch}}\, \Theta_{n/a}", "0.95^epoch Θ_(n/a)"),
        (r"\unheard{of} \frac1", "unheardof 1/"),
        ("x^", "x"),
        ("w <- w - lr g", "w <− w − lr g"),
    ],
)  # fmt: skip
def test_a_formula_is_one_line_of_text(formula, text):
    assert formula_text(formula) == text


def test_no_formula_of_the_course_has_anything_left_of_tex():
    for topic in load("fundamentals", registry()).topics:
        lines = list(formula_lines(topic.formula))
        assert len(lines) == len(topic.formula.strip().splitlines())
        for line in lines:
            assert not re.search(r"[\\{}$]|mathrm|frac", line), line
            # words and single letters alone: no command is shown by its name
            words = set(re.findall(r"[A-Za-z]{4,}", line))
            assert words <= set(re.findall(r"[A-Za-z]+", re.sub(r"\\[A-Za-z]+", " ", topic.formula))), line
