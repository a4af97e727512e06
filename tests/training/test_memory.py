"""How much memory a worker may take."""

import subprocess
import sys

import pytest

from optbench.contract.errors import OptbenchError
from optbench.training import memory


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2GB", 2 * 10**9), ("2 gb", 2 * 10**9), ("1.5G", 15 * 10**8), ("500MB", 5 * 10**8),
        ("512MiB", 2**29), ("1TB", 10**12), ("200000KB", 2 * 10**8), ("300000000", 3 * 10**8),
    ],
)  # fmt: skip
def test_sizes(text, size):
    assert memory.parse(text) == size


@pytest.mark.parametrize("text", ["", "GB", "2 apples", "-1GB", "2GBB", "0", "1MB", "nan", "1e9"])
def test_what_is_no_size(text):
    with pytest.raises(OptbenchError, match="--memory"):
        memory.parse(text)


def test_sizes_in_words():
    assert [memory.words(n) for n in (2 * 10**9, 15 * 10**8, 5 * 10**8)] == ["2 GB", "1.5 GB", "500 MB"]


def test_a_share_of_the_machine(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 40 * 10**9)
    assert memory.share(2) == 18 * 10**9
    assert memory.share(1000) == memory.ENOUGH
    monkeypatch.setattr(memory, "available", lambda: 0)
    assert memory.share(2) == 0


CHILD = """
import numpy as np
from optbench.training import memory
memory.limit(200 * 10**6)
assert np.ones(10**7).sum() == 10**7
assert not memory.met()
try:
    np.ones(10**8)
except MemoryError as error:
    assert memory.blamed(error) == "exceeded the memory limit of 200 MB (--memory)"
assert memory.met()
kept = []
try:
    while True:
        kept.append(bytearray(10**6))
except MemoryError:
    pass
memory.relax()
more = bytearray(40 * 10**6)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts mappings as data")
def test_a_limit_and_what_is_blamed_on_it():
    assert memory.blamed(MemoryError()) == ""
    subprocess.run([sys.executable, "-c", CHILD], check=True)
