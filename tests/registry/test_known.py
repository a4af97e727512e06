"""Who asks for a name that a plugin has which is not installed is told where it is."""

import importlib.util
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry import known
from optbench.registry.named import get
from optbench.registry.registry import built_in
from optbench.suite import load

ROOT = Path(__file__).parents[2]


def told(call):
    with pytest.raises(OptbenchError) as caught:
        call()
    return str(caught.value)


@pytest.fixture(scope="module")
def alone():
    """Without any other plugin, whatever is installed here."""
    return built_in()


def test_a_name_of_a_plugin_is_found_wherever_it_is_looked_up(alone):
    places = "lion is in optbench-lion, optax/lion in optbench-optax, keras/lion in optbench-tensorflow and "
    places += "pytorch-optimizer/lion in optbench-torch, not installed here"
    suite = load("quick", alone)
    for call in (
        lambda: alone.entry("optimizers", "lion"),
        lambda: alone.create("optimizers", {"name": "lion"}),
        lambda: suite.limited(alone, candidates=["lion"]),
    ):
        assert told(call).endswith(places)


def test_other_spellings_and_libraries_names_are_found(alone):
    assert "pytorch-optimizer/adamp is in optbench-torch" in told(lambda: alone.entry("optimizers", "AdamP"))
    assert "optax/lion is in optbench-optax, not" in told(lambda: alone.entry("optimizers", "optax/lion"))
    assert "torch/cosine-annealing-lr is in" in told(lambda: alone.entry("schedules", "CosineAnnealingLR"))
    assert "lion is in optbench-lion" in told(lambda: alone.entry("optimizers", "lionn"))


def test_what_is_here_or_of_another_kind_is_no_news(alone):
    assert "optbench-" not in told(lambda: alone.entry("optimizers", "SGD"))
    assert "optbench-" not in told(lambda: alone.entry("schedules", "lion"))
    assert "optbench-" not in told(lambda: alone.entry("optimizers", "qqqqqqq"))
    loaded = known.known().keys() - {"optbench-torch"}
    assert known.elsewhere("lion", ["optimizers"], loaded, []).startswith("pytorch-optimizer/lion is in optbench-")
    assert known.elsewhere("lion", ["optimizers"], known.known().keys(), []) == ""


def test_get_tells_it_too(monkeypatch, alone):
    monkeypatch.setattr("optbench.registry.named.registry", lambda: alone)
    assert "pytorch-optimizer/soap" in told(lambda: get("pytorch-optimizer/soapp"))


def test_the_list_is_in_order_and_of_what_is_here():
    kept = json.loads((files("optbench.registry") / "known.json").read_text(encoding="utf-8"))
    assert set(kept) <= {path.parent.name for path in (ROOT / "plugins").glob("*/pyproject.toml")}
    for kinds in kept.values():
        assert all(names == sorted(set(names)) for names in kinds.values())


@pytest.mark.oracle
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the libraries are not installed")
def test_the_list_is_what_installed_libraries_offer():
    answer = subprocess.run([sys.executable, ROOT / ".ci" / "known", "--check"], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
