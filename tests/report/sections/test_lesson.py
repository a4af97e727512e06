"""Lessons: a section a topic, its formula drawn without fonts, its figures by what was claimed."""

import pytest

from optbench.report.page.run import write
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
    assert titles[:3] == ["Momentum & more", "Averages", "Silent"]
    assert titles[3] == "Claims"
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


def test_a_topic_without_claims_and_workloads_is_explained_in_its_place(taught):
    silent = pieces(taught)[2]
    assert silent.paragraphs == ["Nobody talks about it."]
    assert (silent.pictures, silent.tables, silent.lecture.verdicts) == ([], [], [])


def test_verdicts_stand_in_words_before_the_table(taught):
    ((statement, where, sentence),) = pieces(taught)[0].lecture.verdicts
    assert (statement, where) == ("Faster", "Digits")
    assert sentence.startswith("Steps to the target: ")
    assert "(Momentum) against" in sentence


def test_parts_of_a_lecture_are_on_the_page_in_order_and_escaped(taught, tmp_path):
    parts = {
        "problem": "It <b>crawls</b>.",
        "takeaway": "Average gradients.",
        "practice": "Take 0.9.\n\nSearch the rate.",
        "exercise": "print(1 < 2)\nprint('&')",
        "source": "Polyak 1964.",
    }
    told = [topic | parts if topic["name"] == "Averages" else topic for topic in SUITE["topics"]]
    taught.suite = SUITE | {"topics": told}
    text = write(taught, tmp_path).read_text(encoding="utf-8")
    section = text.split('<h2 id="lesson-averages">')[1].split("</section>")[0]
    order = [
        "It &lt;b&gt;crawls&lt;/b&gt;.",
        "lesson-averages-averages",
        "<p>Third.</p>",
        "lesson-averages-curves",
        "Average gradients.",
        "<p>Take 0.9.</p>\n<p>Search the rate.</p>",
        "<code>print(1 &lt; 2)\nprint(&#39;&amp;&#39;)</code>",
        "Source: Polyak 1964.<",
    ]
    places = [section.index(part) for part in order]
    assert places == sorted(places)


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
