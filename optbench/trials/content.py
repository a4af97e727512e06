"""What a dataset holds, as one number that belongs into a trial's key: a file may change behind its name."""

import hashlib

import numpy as np

from optbench.contract.dataset import Data, Dataset
from optbench.trials.seeds import stream

#: digits of a digest that a key holds
LENGTH = 12


def load(dataset: Dataset, seed: int) -> Data:
    """The examples of a dataset for the seed of a split, which draws synthetic ones."""
    return dataset.load(stream(seed, "data"))


def digest(data: Data) -> str:
    """SHA-256 of all examples as they were loaded, with their types and shapes, and what their numbers count."""
    found = hashlib.sha256()
    for array in (np.asarray(data.x), np.asarray(data.y)):
        found.update(f"{array.dtype.str} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    if data.vocabulary or data.categories:
        found.update(f"{data.vocabulary} {data.categories}".encode())
    if data.edges is not None:
        pairs = np.ascontiguousarray(data.edges)
        found.update(f"edges {pairs.dtype.str} {pairs.shape}".encode())
        found.update(pairs.data)
    if data.graphs:
        found.update(b"graphs")
    return found.hexdigest()
