"""All places that state the version agree, and `.ci/versions` finds where they do not; it writes them all."""

import shutil
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script():
    loader = SourceFileLoader("versions", str(ROOT / ".ci" / "versions"))
    module = module_from_spec(spec_from_loader("versions", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def copy(tmp_path, script):
    """A tree with the files that state it."""
    for path in [*script.projects(ROOT), ROOT / "CITATION.cff", ROOT / "CHANGELOG.md"]:
        place = tmp_path / path.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return tmp_path


def changed(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_all_places_agree(script, capsys):
    assert script.main([], ROOT) == 0
    version = capsys.readouterr().out.strip()
    places = script.stated(ROOT)
    assert set(places.values()) == {version}
    assert len(places) == 3 + len(list((ROOT / "plugins").glob("*/pyproject.toml")))


@pytest.mark.parametrize(
    ("place", "before", "after", "message"),
    [
        ("plugins/optbench-lion/pyproject.toml", 'version = "', 'version = "9', "optbench-lion/pyproject.toml: 9"),
        ("pyproject.toml", 'version = "', 'version = "9', "CITATION.cff: "),
        ("CITATION.cff", "\nversion: ", "\nedition: ", "CITATION.cff: no version, where pyproject.toml has"),
        ("CHANGELOG.md", "## [Unreleased]\n", "## [9.0.0] - 2026-01-02\n", 'is not "## [Unreleased]"'),
        ("CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n## [0.0.1] - 2026-01-02\n", "are not in order"),
    ],
)
def test_a_place_that_does_not_agree_is_named(script, copy, capsys, place, before, after, message):
    changed(copy / place, before, after)
    assert script.main([], copy) == 1
    assert message in capsys.readouterr().err


def test_what_is_written_agrees_and_is_what_its_tag_releases(script, copy, capsys):
    before = (copy / "CHANGELOG.md").read_text(encoding="utf-8")
    assert script.main(["--tag", "v0.1.0"], copy) == 1
    assert "something is unreleased still" in capsys.readouterr().err
    assert script.main(["--set", "0.1.0", "2026-01-02"], copy) == 0
    assert script.main(["--tag", "v0.1.0"], copy) == 0
    assert yaml.safe_load((copy / "CITATION.cff").read_text())["date-released"].isoformat() == "2026-01-02"
    after = (copy / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = lambda text: sorted(line for line in text.splitlines() if line[:1] in ("-", " "))  # noqa: E731
    assert entries(after) == entries(before), "nothing is lost"
    assert script.headings(copy)[:2] == [("Unreleased", ""), ("0.1.0", "2026-01-02")]
    capsys.readouterr()
    assert script.main(["--tag", "v0.1.1"], copy) == 1
    assert "the tag is v0.1.1, and the version 0.1.0" in capsys.readouterr().err


def test_the_next_release_stands_above_the_last(script, copy, capsys):
    assert script.main(["--set", "0.1.0", "2026-01-02"], copy) == 0
    changed(copy / "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n### Fixed\n\n- A mistake.\n")
    assert script.main(["--set", "0.2.0", "2026-03-04"], copy) == 0
    assert script.main(["--tag", "v0.2.0"], copy) == 0
    assert set(script.stated(copy).values()) == {"0.2.0"}
    assert [name for name, _ in script.headings(copy)[:3]] == ["Unreleased", "0.2.0", "0.1.0"]
    told = script.sections((copy / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert told["0.2.0"].strip() == "### Fixed\n\n- A mistake."
    capsys.readouterr()
    assert script.main(["--notes"], copy) == 0
    assert capsys.readouterr().out == "### Fixed\n\n- A mistake.\n"
    assert told["0.1.0"].strip().startswith("### Added\n\n- ")


@pytest.mark.parametrize("words", [["--set"], ["--set", "1.0"], ["--tag"], ["--help"], ["0.1.0"]])
def test_other_words_are_told_how(script, copy, capsys, words):
    assert script.main(words, copy) == 2
    assert ".ci/versions --set" in capsys.readouterr().err
