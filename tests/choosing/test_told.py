"""What a suite's results say, as a page has it; and the strangers that the way to a verdict is timed with."""

import numpy as np
import pytest

import optbench
from choosing import minutes, told
from support.suites import ACCURATE, LOW, bowl, moons, searched, suite


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    text = suite(moons(target=ACCURATE), bowl(target=LOW), searched("sgd", "adam", "rmsprop"), baseline="sgd")
    text = text.replace("[tuning]", "[tuning]\nstudies = 3")
    (folder / "tiny.toml").write_text(text)
    return optbench.run(folder / "tiny.toml", "serial", folder / "run", report=False)


def test_orders_of_studies_are_compared(results):
    scores = told.studies(results)
    assert {by: rows.shape for by, rows in scores.items()} == {"time": (3, 3), "final": (3, 3)}
    assert np.isfinite(scores["time"]).all()
    lines = told.agreement(results)
    assert [line.split(" | ")[1] for line in lines[2:4]] == ["3", "3"]


def test_the_page_has_every_candidate_and_takes_it_twice(results, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{told.BEGIN}\nstale words\n{told.END}\nbehind\n", encoding="utf-8")
    for _ in range(2):
        monkeypatch.setattr("sys.argv", ["told.py", str(results.folder), "--into", str(page)])
        assert told.main() == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.")
    assert text.endswith("behind\n")
    assert "stale words" not in text
    assert all(f"| `{name}` | " in text for name in ("sgd", "adam", "rmsprop"))
    page.write_text("no marks", encoding="utf-8")
    assert told.main() == 2
    assert "has not the two marks" in capsys.readouterr().err
    assert page.read_text(encoding="utf-8") == "no marks"


def test_what_is_no_result_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["told.py", str(tmp_path / "nothing")])
    assert told.main() == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.slow
@pytest.mark.parametrize("stranger", minutes.STRANGERS, ids=lambda path: path.stem)
def test_a_strangers_way_to_a_verdict(stranger, tmp_path, monkeypatch):
    monkeypatch.setenv("OPTBENCH_PLUGINS", "optbench")
    seconds, spent, lines = minutes.ran("quick", stranger, tmp_path / "out")
    assert spent > 0
    assert seconds > 0
    assert lines[0].startswith(("trains", "is", "ends", "equal", "not told"))
    assert lines[-1].startswith("this run can tell")
