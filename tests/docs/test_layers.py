"""docs/layers.md runs from top to bottom and prints what it says; its picture and its costs are of its code."""

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from optbench.contract.layer import by_channel, flat_buffer, shaped
from support.pages import agree, run, sections

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "layers.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_prints_what_it_says(monkeypatch):
    page = ModuleType("page_of_layers")
    monkeypatch.setitem(sys.modules, page.__name__, page)
    shown = 0
    for _, blocks in sections(PAGE):
        for code, expected in blocks:
            agree(run(code, vars(page)), expected)
            shown += bool(expected)
    assert shown == 6


def test_the_picture_is_how_arrays_lie():
    """Row 0 of the picture is a0 b0 c0, and memory begins a0 a1 a2 a3 b0."""
    buffer = flat_buffer(1, 4, 3, False, np.dtype("f8"))
    names = np.array([[f"{letter}{row}" for letter in "abc"] for row in range(4)])
    buffer[0] = np.arange(12).reshape(4, 3)
    memory = [names.ravel()[int(k)] for k in by_channel(buffer)[0].ravel()]
    assert " ".join(memory) in TEXT
    for row in names:
        assert re.search(r"row \d +" + " +".join(row), TEXT)
    for letter, feature in zip("abc", by_channel(buffer)[0], strict=True):
        assert re.search(r"feature \d +" + " +".join(names.ravel()[feature.astype(int)]), TEXT), letter


def test_images_lie_channels_first():
    image = shaped(flat_buffer(1, 4, 2 * 3 * 5, False, np.dtype("f8")), (2, 3, 5))
    order = np.argsort([-s for s in image[0].strides])
    assert [("rows", "height", "width", "channels")[k] for k in order] == ["channels", "height", "width", "rows"]
    assert "channels first: (channels, height, width, rows)" in TEXT


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "suites")
    yield importlib.import_module("asv_benchmarks.layers")
    for name in [n for n in sys.modules if n.startswith("asv_benchmarks")]:
        del sys.modules[name]


def test_the_table_of_costs_is_of_layers_that_are_the_same_both_ways(benchmark):
    cases = re.findall(r"^\| (\S+) \| (\S+) \| (\d+) \| \d+ us", TEXT, re.MULTILINE)
    assert cases == [(a, b, str(c)) for a in benchmark.LAYERS for b in benchmark.PLACES for c in (1, 16)]
    for layer in benchmark.LAYERS:
        for place in benchmark.PLACES:
            op, plain = (benchmark.graph_of(benchmark.LAYERS[layer][way], place, 2) for way in ("op", "plain"))
            assert np.abs(op.grads).max() > 1e-5
            np.testing.assert_allclose(plain.logits, op.logits, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(plain.grads, op.grads, rtol=1e-3, atol=1e-5)
