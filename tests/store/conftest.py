"""A store with a hundred runs."""

import math

import pytest

from optbench.store.store import Store
from optbench.trials.trial import Run
from support.stores import measurement, trial


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "store.sqlite"
    with Store(path, create=True) as store:
        store.add_all(
            (trial(seed), Run("done", tuple(measurement(s, math.nan) for s in range(30))))
            for seed in range(100)
        )
    return path
