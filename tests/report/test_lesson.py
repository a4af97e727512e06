"""Lessons: a section a topic, its formula drawn without fonts, its figures by what was claimed."""

import re

import numpy as np
import pandas as pd
import pytest

from optbench.registry.registry import registry
from optbench.report import figures, formula, lesson, words
from optbench.report.sections import context, sections
from optbench.suite import load

SUITE = {
    "topics": [
        {"name": "Momentum & more", "text": "First.\n\nSecond\nline.", "formula": "v\n\n\\frac{1}{2}"},
        {"name": "Averages", "text": "Third.", "formula": "", "illustration": "averages"},
        {"name": "Silent", "text": "Nobody talks about it.", "formula": ""},
    ],
    "workloads": [
        {"name": "digits-mlp", "title": "Digits", "topic": "Momentum & more", "function": None},
        {"name": "moons-mlp", "title": "Moons", "topic": "Averages", "function": None},
    ],
    "candidates": [
        {"name": "sgd", "title": "SGD", "workloads": ["digits-mlp"]},
        {"name": "momentum", "title": "Momentum", "workloads": ["digits-mlp", "moons-mlp"]},
    ],
    "claims": [
        {
            "statement": "Faster",
            "topic": "Momentum & more",
            "workloads": ["digits-mlp"],
            "better": "momentum",
            "worse": "sgd",
            "metric": "steps_to_target",
        },
        {
            "statement": "Free",
            "topic": None,
            "workloads": ["digits-mlp"],
            "better": "momentum",
            "worse": "sgd",
            "metric": "final_train_loss",
        },
    ],
}  # fmt: skip


@pytest.fixture
def taught(make_results):
    quick = make_results(["sgd", "momentum"], ["digits-mlp", "moons-mlp"], points=11)
    claims = quick.claims_frame.head(2).assign(
        topic=["Momentum & more", ""],
        statement=["Faster", "Free"],
        workload="digits-mlp",
        better="momentum",
        worse="sgd",
    )
    quick.suite, quick.claims_frame = SUITE, claims
    return quick


def pieces(results):
    return sections(context(results))


def test_a_section_a_topic_then_other_claims_and_no_ranking(taught):
    found = pieces(taught)
    titles = [s.title for s in found]
    assert titles[:3] == ["Momentum & more", "Averages", "Claims"]
    assert "Leaderboard" not in titles
    assert found[0].id == "lesson-momentum-more"
    assert found[0].paragraphs == ["First.", "Second line."]
    assert len(found[0].formulas) == 2
    assert [p.name.removeprefix("lesson-momentum-more-") for p in found[0].pictures] == [
        "curves",
        "steps",
        "claims",
    ]
    assert [p.name for p in found[1].pictures] == ["lesson-averages-illustration", "lesson-averages-curves"]
    assert found[0].tables[0].rows[0].cells[4].text.endswith("of Momentum with SGD, on Digits")
    assert found[1].tables == []


def test_where_all_run_on_all_the_ranking_stays(taught):
    taught.suite = SUITE | {"candidates": [c | {"workloads": None} for c in SUITE["candidates"]]}
    titles = [s.title for s in pieces(taught)]
    assert titles[:3] == ["Leaderboard", "Momentum & more", "Averages"]


def test_titles_stand_for_candidates_unless_two_on_a_workload_share_one():
    assert lesson.titles_of(SUITE, ["digits-mlp"]) == {"sgd": "SGD", "momentum": "Momentum"}
    twins = SUITE | {"candidates": [c | {"title": "Same"} for c in SUITE["candidates"]]}
    assert lesson.titles_of(twins, ["digits-mlp"]) == {"sgd": "sgd", "momentum": "momentum"}
    assert lesson.titles_of(twins, ["moons-mlp"]) == {"momentum": "Same"}


def test_curves_show_what_a_claim_compares():
    assert lesson.measured(SUITE["claims"]) == {"digits-mlp": "train_loss"}


def test_how_a_lesson_was_measured_says_nothing_of_scores(taught):
    (methods,) = [s for s in pieces(taught) if s.id == "methods"]
    assert "Candidates run where a claim compares them" in methods.rows[0]
    assert "score" not in " ".join(methods.rows)


def test_the_headline_counts_claims():
    claims = pd.DataFrame({"verdict": ["supported", "refuted", "undecided"], "statement": ["A", "B", "C"]})
    assert words.claims_verdict(claims) == (
        "1 of 3 claims are supported by the data.",
        ["Refuted (1): B.", "Undecided (1): C."],
    )
    assert words.claims_verdict(claims.head(1))[1] == []
    assert "No verdict" in words.claims_verdict(claims.head(0))[0]


def test_a_formula_is_outlines_in_the_pages_ink():
    drawn = formula.formula_svg(r"\frac{a}{\sqrt{b}} < c")
    assert "<text" not in drawn
    assert "font" not in drawn
    assert "&lt; c" in drawn  # its source, for those who cannot see it
    numbers = [float(v) for v in re.findall(r"-?\d+\.\d+", re.search(r'd="([^"]*)"', drawn)[1])]
    left, top, width, height = map(float, re.search(r'viewBox="([^"]*)"', drawn)[1].split())
    assert left <= min(numbers[0::2]) <= max(numbers[0::2]) <= left + width
    assert top <= min(numbers[1::2]) <= max(numbers[1::2]) <= top + height


def test_a_fraction_is_taller_than_a_letter():
    heights = [
        float(re.search(r'viewBox="([^"]*)"', formula.formula_svg(f))[1].split()[3])
        for f in ("a", r"\frac{a}{b}")
    ]
    assert heights[1] > 1.4 * heights[0]


def test_what_is_no_formula_is_left_out_of_the_page():
    with pytest.raises(ValueError, match="frac"):
        formula.formula_svg(r"\frac{a}")
    assert lesson._formulas(r"\frac{a}") == []


def test_every_formula_of_the_fundamentals_is_drawn():
    for topic in load("fundamentals", registry()).topics:
        written = [line for line in topic.formula.splitlines() if line.strip()]
        assert len(formula.lines(topic.formula)) == len(written) > 0


def test_averages_are_the_public_functions():
    made = figures.averages()
    left, right = made.axes
    assert len(left.lines) == 4  # the series and three betas
    first = [line.get_ydata()[0] for line in right.lines]
    assert first[1] == pytest.approx(first[0])  # corrected: the first average is the first value
    assert first[2] == pytest.approx(0.02 * first[0])


def test_layers_and_paths_come_from_the_arrays_of_runs():
    work = {"name": "bowl", "title": "Bowl", "function": {"name": "quadratic"}, "diagnostics": True}
    finals = pd.DataFrame(
        {
            "workload": "Bowl",
            "candidate": ["SGD", "SGD", "Adam"],
            "seed": [1, 2, 1],
            "study": 0,
            "key": ["a", "b", "c"],
        }
    )

    class Arrays:
        def arrays(self, key):
            return {"path": np.zeros((3, 2)), "activation_std": np.ones(4), "gradient_std": np.ones(4)}

    drawn = {"styles": None, "order": ["SGD", "Adam"]}
    (picture,) = lesson._contours([work], finals, Arrays(), "x", drawn)
    assert list(picture.draw.args[1]) == ["SGD", "Adam"]
    assert len(picture.draw().axes) == 1
    (picture,) = lesson._layers([work], finals, Arrays(), "x", drawn)
    assert len(picture.draw.args[0]) == 3 * 2 * 4
    assert lesson._contours([work | {"function": None}], finals, Arrays(), "x", drawn) == []


def test_the_headline_of_many_undecided_claims_is_no_wall_of_text():
    claims = pd.DataFrame({"verdict": ["undecided"] * 9, "statement": [f"S{i}" for i in range(9)]})
    assert words.claims_verdict(claims)[1] == ["Undecided (9): S0; S1; S2; S3; S4; and 4 more, told below."]
