"""What the page says of results that were not made here."""

from types import SimpleNamespace

from optbench.report.words.origins import reference_lines, scaled_lines
from optbench.store.machines import Scaled

REFERENCE = {
    "name": "reference", "candidates": ["sgd", "adam"], "notes": ["made with numpy 2.0"],
    "environment": {"commit": "abc", "packages": {"optbench": "0.1.0"}},
}  # fmt: skip


def test_a_reference_is_told_with_what_it_was_made_with():
    results = SimpleNamespace(reference=REFERENCE, scaled=[Scaled("w", "adam", 1.25, ("sgd",))])
    first, note, seconds = reference_lines(results)
    assert first == "reference (reference; optbench 0.1.0, commit abc): sgd, adam: stored results, not run here"
    assert note == "made with numpy 2.0"
    assert "multiplied by 1.25" in seconds
    assert "a step of sgd takes here" in seconds
    assert reference_lines(SimpleNamespace()) == []


def test_seconds_of_several_machines():
    scaled = [Scaled("w", "a", 1.1, ("s",)), Scaled("v", "a", 1.9, ("s",)), Scaled("w", "b", float("nan"), ())]
    one, other = scaled_lines(scaled, False)
    assert "a, b: seconds were measured elsewhere and are multiplied by 1.10 to 1.90" in one
    assert other == "no seconds for b: nothing was timed on both machines"
    assert scaled_lines([], False) == []
