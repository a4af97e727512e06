"""optbench's conformance kit on optimizers and schedules of each way to see the vector."""

import pytest

pytest.importorskip("torch")

from optbench_torch import catalog, schedules

from optbench import Deferred
from optbench.testing import parametrize_with_checks

pytestmark = pytest.mark.filterwarnings("ignore")  # the foreign libraries' own
NAMES = ["adamw", "adafactor", "muon", "sparse-adam", "sgd", "rprop"]
MADE = [item.make() for item in catalog.optimizers() if item.name.removeprefix("torch/") in NAMES]
MADE += [item.make() for item in schedules.schedules() if isinstance(item, Deferred)]


@parametrize_with_checks(MADE)
def test_contract(component, check):
    check(component)
