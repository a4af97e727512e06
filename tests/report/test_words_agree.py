"""One number a quantity, one rule a word: terminal, page and data of a made-up store say the same."""

import html
import re

import pytest

from optbench.cli.printing import show_leaderboard
from optbench.referee.synthetic import synthetic_store
from optbench.report import write
from optbench.report.words.numbers import ratio
from optbench.results.results import Results
from optbench.statistics.sentences import effect_text
from optbench.store.store import Store
from optbench.trials.trial import FINISHED

NAMES = ["sgd", "adam", "lion", "momentum"]


@pytest.fixture(scope="module", params=["focus", "groups"])
def said(request, tmp_path_factory):
    """(results, the page's text, tables of the page by row)"""
    folder = tmp_path_factory.mktemp(request.param)
    synthetic_store(folder, NAMES, 3, seeds=10, trials=4, seed=5)
    if request.param == "focus":
        with Store(folder / "store.sqlite") as store:
            store.set("suite", {**store.get("suite"), "focus": ["lion"]})
    results = Results(folder)
    page = write(results, folder).read_text(encoding="utf-8")
    shown = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.S)
    rows = [[text(cell) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", row, re.S)] for row in
            re.findall(r"<tr\b.*?</tr>", shown, re.S)]  # fmt: skip
    return results, text(shown), rows


def text(markup):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))).strip()


@pytest.fixture
def terminal(said, capsys):
    show_leaderboard(said[0])
    return capsys.readouterr().out


def squeezed(lines):
    return re.sub(r"\s+", " ", lines)


def test_the_same_sentences_head_terminal_and_page(said, terminal):
    results, page, _ = said
    standing = results.verdict()
    assert standing.headline() in page
    for sentence in standing.sentences():
        assert sentence in page
    assert squeezed(terminal).startswith(squeezed(" ".join(standing.lines())).strip())
    head = terminal[: terminal.index(" candidate")]
    assert max(map(len, head.splitlines())) <= 80


def test_a_ratio_to_the_baseline_is_one_number(said, terminal):
    results, page, rows = said
    time = results.verdict().question("time")
    board = results.leaderboard()
    for name in NAMES[1:]:
        found = time.between(name, "sgd")
        if found is None:  # not asked about: the leaderboard alone has it
            continue
        told = effect_text(time, found)
        assert {row[0].split()[0] for row in rows if told in row} >= {name}
        line = next(line for line in terminal.splitlines() if line.strip().startswith(f"{name} ") and "%" in line)
        assert ratio(found.effect) in line.split()
        assert board.loc[name, "ratio_to_baseline"] == pytest.approx(found.effect)
        assert page.count(told) >= 2  # the leaderboard, the table of comparisons, and a sentence where it is in focus


def test_counts_of_words_are_those_of_the_table(said):
    results, page, _ = said
    standing = results.verdict()
    for question in standing.questions:
        for name in standing.focus:
            words = question.words(name)
            others = [n for group in words.values() for n in group]
            assert sorted(others) == sorted(set(standing.candidates) - {name})
            if unknown := words.get("undecided"):
                assert f"{len(unknown)} undecided" in page
    told = sum(q.told for q in standing.questions)
    total = sum(len(q.comparisons) for q in standing.questions)
    assert f"{told} of {total} comparisons are decided" in page


def test_undecided_though_the_interval_says_more_has_its_reason(said):
    results, _, _ = said
    for question in results.verdict().questions:
        neutral = 1.0 if question.unit == "ratio" else 0.0
        for c in question.comparisons:
            if c.word == "undecided":
                assert c.reason
                assert "holds no difference" not in c.reason
                assert c.low <= neutral <= c.high or c.reason == "not after correction for the number of comparisons"
                assert c.low_all <= neutral <= c.high_all


def test_failures_are_counted_apart(said, terminal):
    results, _, _ = said
    trials = results.trials
    failed = ~trials["outcome"].isin(FINISHED)
    tuning = int((failed & (trials["phase"] == "tune")).sum())
    assert tuning > 0
    assert f"fails: runs on fresh seeds; {tuning} tuning trials failed besides" in terminal
    assert results.leaderboard()["failures"].sum() == (failed & (trials["phase"] == "final")).sum()


def test_every_claim_has_its_verdict_in_the_terminal(said, terminal):
    results, page, _ = said
    claims = results.claims()
    assert len(claims)
    for verdict, statement in claims[["verdict", "statement"]].to_numpy():
        assert f"{verdict}: {statement}" in terminal
        assert statement in page
