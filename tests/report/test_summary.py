"""`optbench summary`: what a run says, in Markdown that hostile names cannot break."""

import shutil

import pytest

import optbench
from optbench.cli import main
from optbench.report.words.summary import escaped, summary
from support.compared import made


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return made(tmp_path_factory.mktemp("base"), {"a": 1.0, "b": 2.0})


@pytest.fixture(scope="module")
def slower(tmp_path_factory):
    return made(tmp_path_factory.mktemp("slower"), {"a": 1.0, "b": 3.0})


def table(text):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


def test_it_has_the_verdict_and_what_changed(base, slower, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["summary", str(slower), "--before", str(base)])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    results = optbench.load(slower)
    assert text.startswith("## t\n\n")
    for sentence in results.verdict().sentences():
        assert f"- {sentence}\n" in text.replace("\\", "")
    heads, _, *rows = table(text)
    assert heads == ["candidate", "workload", "steps ×", "final ±", "verdict"]
    assert {row[0] for row in rows} == {"b"}, "a has the same bits"
    (whole,) = [row for row in rows if row[1] == "all"]
    change = optbench.compare(base, slower).table.set_index(["candidate", "workload", "metric"])
    steps, final = (float(cell.replace("\\", "").split()[0]) for cell in whole[2:4])
    assert steps == pytest.approx(change.loc[("b", "all", "steps"), "effect"], abs=0.01)
    assert final == pytest.approx(change.loc[("b", "all", "final"), "effect"], abs=1e-4)
    assert "slower (steps)" in whole[4]


def test_where_nothing_changed_there_is_no_table(base, tmp_path):
    shutil.copy(base / "store.sqlite", tmp_path)
    text = summary(optbench.load(tmp_path), optbench.compare(base, tmp_path))
    assert "the same bits: all 66 paired trials." in text
    assert table(text) == []


def test_without_earlier_results_nothing_is_set_beside(base):
    assert "Beside" not in summary(optbench.load(base))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<img src=x onerror=alert(1)>", r"\<img src=x onerror=alert(1)>"),
        ("[here](https://example.org)", r"\[here\](https://example.org)"),
        ("`rm` *x* _y_ ~z~ $1$ @team #3", r"\`rm\` \*x\* \_y\_ \~z\~ \$1\$ \@team \#3"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("&lt;", r"\&lt;"),
        ("a\\", "a\\\\"),
    ],
)
def test_signs_stay_themselves(text, shown):
    assert escaped(text) == shown


def test_a_text_is_one_line():
    assert "\n" not in escaped("two\nlines\r\n# and a heading")
