"""Lessons: a section a topic, its formula drawn without fonts, its figures by what was claimed."""

import pytest

from optbench.report.pictures.formula import formula_svg
from optbench.report.sections import context, sections
from optbench.report.sections.lesson import _formulas

from .lesson_suite import SUITE


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
    assert [p.name for p in found[1].pictures] == ["lesson-averages-averages", "lesson-averages-curves"]
    assert found[0].tables[0].rows[0].cells[4].text.endswith("of Momentum with SGD, on Digits")
    assert found[1].tables == []


def test_where_all_run_on_all_the_ranking_stays(taught):
    taught.suite = SUITE | {"candidates": [c | {"workloads": None} for c in SUITE["candidates"]]}
    titles = [s.title for s in pieces(taught)]
    assert titles[:3] == ["Leaderboard", "Momentum & more", "Averages"]


def test_how_a_lesson_was_measured_says_nothing_of_scores(taught):
    (methods,) = [s for s in pieces(taught) if s.id == "methods"]
    assert "Candidates run where a claim compares them" in methods.rows[0]
    assert "score" not in " ".join(methods.rows)


def test_what_is_no_formula_is_left_out_of_the_page():
    with pytest.raises(ValueError, match="frac"):
        formula_svg(r"\frac{a}")
    assert _formulas(r"\frac{a}") == []
