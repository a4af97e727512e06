"""`optbench lesson`: one topic of a course, run and shown, from a store that others share."""

import json
import sys
import webbrowser

import pytest

from optbench import cli, load
from optbench.registry.catalogue import slug
from optbench.registry.registry import registry
from optbench.report.page import booklet
from optbench.report.page import run as page
from optbench.report.pictures import formats
from optbench.suite import parse
from optbench.suite.lessons import lesson, topic_named, workloads_of

SUITE = r"""
title = "A course"
seeds = 6
[tuning]
method = "none"

[[topics]]
name = "Rates of descent"
problem = "Small steps take long."
text = "First.\n\nSecond\nparagraph."
formula = "w \\leftarrow w - \\alpha\\, \\nabla J"
takeaway = "Take a rate that suits."
practice = "Search it.\n\nThen rest."
exercise = "print('a line of code that is as long as it is, and is not broken anywhere since it is copied from here')"
source = "Cauchy 1847"

[[topics]]
name = "Averages"
illustration = "averages"
text = "An average forgets. Slowly."

[[topics]]
name = "Momentum & more"
text = "Momentum."

[[workloads]]
name = "bowl"
title = "A bowl"
topic = "Rates of descent"
function = "quadratic"
steps = 20

[[workloads]]
name = "ravine"
topic = "Momentum & more"
function = "quadratic"
steps = 25

[[workloads]]
name = "valley"
function = "rosenbrock"
steps = 20

[[candidates]]
name = "slow"
title = "Slow"
optimizer = { name = "sgd", lr = 0.001 }

[[candidates]]
name = "fast"
title = "Fast"
optimizer = { name = "sgd", lr = 0.01 }

[[claims]]
statement = "A larger rate ends lower"
topic = "Rates of descent"
workload = "bowl"
better = "fast"
worse = "slow"
metric = "final_train_loss"
source = "anybody"

[[claims]]
statement = "So it does in the valley"
topic = "Momentum & more"
workload = "valley"
better = "fast"
worse = "slow"
metric = "final_train_loss"
"""
RATES = ("lesson", "rates of descent", "--suite", "course.toml", "--engine", "serial", "--out", "out")


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    (tmp_path / "course.toml").write_text(SUITE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        status = cli.guarded(lambda: cli._invoke(list(arguments)))
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def quick_pages(monkeypatch):
    """Pages without pictures, which take most of a call's time."""
    monkeypatch.setattr(page, "render", lambda results, *_: results.title)


@pytest.fixture(scope="module")
def course():
    return parse(SUITE, "course.toml", registry())


def test_it_runs_what_the_topic_needs_and_shows_it(call, tmp_path):
    status, out, err = call(*RATES)
    assert (status, err) == (0, "")
    order = [
        "Rates of descent\n", "Small steps take long.\n", "First.\n\nSecond paragraph.\n", "    w ← w − α ∇J\n",
        "What the runs say\n", " 1. A larger rate ends lower (A bowl; anybody)\n", "(Fast) against", "supported.",
        "Take away\nTake a rate that suits.\n", "In practice\nSearch it.\n\nThen rest.\n",
        "Exercise\n    print('a line of code that is as long as it is, and is not broken anywhere since it is copied "
        "from here')\n", "Source: Cauchy 1847.\n",
        "page: out/lessons/rates-of-descent.html\n",
    ]  # fmt: skip
    places = [out.find(part) for part in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert set(load("out").trials["workload"]) == {"bowl"}
    assert len(load("out").trials) == 12

    text = (tmp_path / "out/lessons/rates-of-descent.html").read_text(encoding="utf-8")
    assert "<h1>Rates of descent</h1>" in text
    assert "A larger rate ends lower" in text
    assert "Leaderboard" not in text, "of one lesson nobody is first"
    assert "Momentum" not in text

    # again: nothing is trained
    status, out, _ = call(*RATES)
    assert status == 0
    assert "resuming out: 12 finished trials are kept and not run again" in out
    assert "12 kept" in out


def test_its_store_is_that_of_the_suite(call, quick_pages):
    call(*RATES)
    status, out, _ = call("run", "course.toml", "--engine", "serial", "--out", "out", "--no-report")
    assert status == 0
    assert "12 finished trials are kept" in out
    assert set(load("out").trials["workload"]) == {"bowl", "ravine", "valley"}
    status, out, _ = call(*RATES)
    assert status == 0
    assert "36 finished trials are kept" in out
    assert "A larger rate ends lower" in out
    assert "valley" not in out.partition("Rates of descent\n")[2]
    assert set(load("out").trials["workload"]) == {"bowl", "ravine", "valley"}, "what a lesson leaves out stays"


def test_a_topic_that_only_explains_runs_nothing(call, tmp_path):
    status, out, err = call("lesson", "averages", "--suite", "course.toml", "--out", "out")
    assert (status, err) == (0, "")
    assert out == "Averages\n\nAn average forgets. Slowly.\n\npage: out/lessons/averages.html\n"
    assert not (tmp_path / "out/store.sqlite").exists()
    text = (tmp_path / "out/lessons/averages.html").read_text(encoding="utf-8")
    assert 'aria-label="Figure: Exponentially weighted averages' in text
    assert "How this was measured" not in text


def test_without_a_topic_they_are_listed(call):
    status, out, _ = call("lesson", "--suite", "course.toml")
    assert status == 0
    assert out == (
        "rates-of-descent\n    Take a rate that suits.\naverages\n    An average forgets.\n"
        "momentum-more\n    Momentum.\n"
    )
    _, out, _ = call("lesson")
    assert out.startswith("initialization\n")
    assert max(map(len, out.splitlines())) <= 80


def test_as_json(call):
    _, out, _ = call("lesson", "--suite", "course.toml", "--json")
    listed = json.loads(out)
    assert [topic["topic"] for topic in listed["topics"]] == ["rates-of-descent", "averages", "momentum-more"]
    status, out, err = call(*RATES, "--json")
    shown = json.loads(out)
    assert status == 0
    assert "page: out/lessons/rates-of-descent.html" in err
    assert shown["topics"] == [listed["topics"][0]]
    assert [claim["statement"] for claim in shown["claims"]] == ["A larger rate ends lower"]


def test_what_is_wrong_is_one_message(call):
    asked = [
        (("lesson", "avarages", "--suite", "course.toml"), "no topic 'avarages' in course.toml; did you mean 'av"),
        (("lesson", "descnt", "--suite", "course.toml"), "did you mean 'rates-of-descent'?"),
        (("lesson", "xyzzy", "--suite", "course.toml"), "valid names: averages, momentum-more, rates-of-descent"),
        (("lesson", "--suite", "quick"), "quick has no topics"),
        (("lesson", "adam", "--suite", "quick"), "quick has no topics"),
        (("lesson", "momentum", "--suite", "fundamental"), "no suite 'fundamental'; did you mean 'fundamentals'"),
    ]
    for arguments, message in asked:
        status, out, err = call(*arguments)
        assert (status, out) == (2, ""), arguments
        assert message in err


def test_statuses_are_those_of_run(call, monkeypatch):
    status, out, _ = call(*RATES, "--seeds", "2")
    assert status == 0
    assert f"cautions: {len(load('out').cautions())}, which the page tells" in out

    def svg(figure):
        raise RuntimeError("no ink\x1b[31m")

    monkeypatch.setattr(formats, "svg", svg)
    status, out, err = call(*RATES, "--seeds", "2")
    assert status == 3
    assert r"could not be drawn: RuntimeError: no ink\x1b[31m" in err
    assert "A larger rate ends lower" in out


def test_an_interrupted_lesson_goes_on_later(call, monkeypatch):
    from optbench import api

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "run", stopped)
    status, out, err = call(*RATES)
    assert (status, out) == (130, "")
    assert "the same command goes on from here" in err


def test_a_booklet_is_of_one_lesson_or_of_the_course(call, quick_pages, monkeypatch, tmp_path):
    monkeypatch.setattr(booklet, "chromium", lambda: tmp_path / "chromium")
    monkeypatch.setattr(booklet, "booklet", lambda made, out, browser: out.write_text(str(made)) and out)
    assert "booklet: b.pdf\n" in call(*RATES, "--booklet", "b.pdf")[1]
    assert (tmp_path / "b.pdf").read_text() == "out/lessons/rates-of-descent.html"
    course = ("lesson", "--suite", "course.toml", "--engine", "serial", "--out", "out")
    status, out, _ = call(*course, "--booklet", "b.pdf")
    assert status == 0
    assert "12 finished trials are kept" in out
    assert (tmp_path / "b.pdf").read_text() == "out/report.html"
    assert set(load("out").trials["workload"]) == {"bowl", "ravine", "valley"}


def test_without_chromium_nothing_is_run(call, monkeypatch, tmp_path):
    monkeypatch.setattr(booklet.shutil, "which", lambda name: None)
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    status, out, err = call(*RATES, "--booklet", "b.pdf")
    assert (status, out) == (2, "")
    assert "neither chromium nor google-chrome is on the path" in err
    assert not (tmp_path / "out").exists()


def test_the_page_is_opened_where_there_is_a_browser(call, monkeypatch):
    asked = []
    for there in (True, False):
        monkeypatch.setattr(webbrowser, "open", lambda address, there=there: asked.append(address) or there)
        status, _, err = call("lesson", "averages", "--suite", "course.toml", "--out", "out", "--open")
        assert status == 0
        assert ("no browser could be opened" in err) is not there
    assert all(address.startswith("file:///") and address.endswith("/averages.html") for address in asked)
    assert len(asked) == 2


def test_a_topic_is_found_by_any_spelling_or_its_beginning(course):
    for name in ("Momentum & more", "momentum-more", "MOMENTUM", "mom", "momentum_more"):
        assert topic_named(course, name, "it").name == "Momentum & more", name
    assert slug("动量") == "动量"


def test_a_part_has_the_topics_workloads_and_claims_alone(course):
    parts = {
        topic.name: lesson(course, topic, registry(), workloads_of(course, topic)) for topic in course.topics
    }
    names = {
        name: ([w["name"] for w in part["workloads"]], [c["statement"] for c in part["claims"]])
        for name, part in parts.items()
    }
    assert names == {
        "Rates of descent": (["bowl"], ["A larger rate ends lower"]),
        "Averages": ([], []),
        "Momentum & more": (["ravine", "valley"], ["So it does in the valley"]),
    }
    assert all([t["name"] for t in part["topics"]] == [name] for name, part in parts.items())

