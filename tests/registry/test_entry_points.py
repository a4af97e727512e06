"""Which plugins are installed: the entry points of all distributions on the path."""

import pytest

from optbench.registry.installed import installed_entry_points
from optbench.registry.registry import Registry
from support.plugins import only_problem


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Writes the metadata of installed distributions to the front of the path."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, entry_points, version="1.0", folder=tmp_path):
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entry_points)

    return write


def mine(points):
    return [(point.name, point.value, name, number) for point, name, number in points if name.startswith("zz")]


def test_entry_points_of_the_group_are_found(installed):
    installed("zz-b", "[optbench]\none = mod_one\ntwo = mod_two\n[console_scripts]\nx = y:z\n", "3.1")
    installed("zz-a", "[optbench]\np = mod_a\n")
    assert mine(installed_entry_points()) == [
        ("p", "mod_a", "zz-a", "1.0"),
        ("one", "mod_one", "zz-b", "3.1"),
        ("two", "mod_two", "zz-b", "3.1"),
    ]


def test_the_first_on_the_path_counts(installed, tmp_path, monkeypatch):
    installed("zz-a", "[optbench]\np = newer\n", "2.0")
    installed("zz_A", "[optbench]\np = older\n", "1.0", folder=tmp_path / "later")
    monkeypatch.syspath_prepend(tmp_path / "later")
    monkeypatch.syspath_prepend(tmp_path)
    assert mine(installed_entry_points()) == [("p", "newer", "zz-a", "2.0")]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, {"zz-a", "zz-b"}), ("zz-a", {"zz-a"}), ("zz_A, zz-b", {"zz-a", "zz-b"}), ("", set())],
)
def test_the_plugins_variable_limits(installed, monkeypatch, limit, expected):
    installed("zz-a", "[optbench]\np = mod_a\n")
    installed("zz-b", "[optbench]\np = mod_b\n")
    if limit is None:
        monkeypatch.delenv("OPTBENCH_PLUGINS", raising=False)
    else:
        monkeypatch.setenv("OPTBENCH_PLUGINS", limit)
    assert {name for _, name, _ in installed_entry_points() if name.startswith("zz")} == expected


def test_unreadable_entry_points_are_named_and_hide_nothing(installed):
    installed("zz-a", "[optbench]\nno equals sign\n")
    installed("zz-b", "[optbench]\np = mod_b\n")
    problems = []
    assert [p[2] for p in mine(installed_entry_points(problems))] == ["zz-b"]
    assert len(problems) == 1
    assert "zz_a-1.0.dist-info" in problems[0].plugin
    assert "cannot be read" in problems[0].error


def test_a_name_repeated_within_one_distribution_is_named(installed, importable):
    importable("mod_x", "")
    importable("mod_y", "")
    installed("zz-a", "[optbench]\np = mod_x\np = mod_y\n")
    points = [p for p in installed_entry_points() if p[1] == "zz-a"]
    assert "given twice" in only_problem(Registry().load(points)).error
