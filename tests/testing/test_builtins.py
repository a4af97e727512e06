"""Every built-in component keeps the contract, by the same checks as a stranger's."""

import pytest

from optbench.builtin import (
    datasets,
    functions,
    initializers,
    normalizers,
    optimizers,
    problems,
    regularizers,
    schedules,
)
from optbench.builtin import networks as kinds
from optbench.builtin.datasets.openml import OpenmlSet
from optbench.testing import parametrize_with_checks

#: where a built-in breaks a check, and why it may
EXPECTED: dict[str, str] = {}

#: 0.3 s to decode
LARGE = [datasets.Mnist5k]
#: must be told which file or set they are
TOLD = [datasets.Csv, datasets.Parquet, datasets.Npz, datasets.OpenmlTable]
SMALL = [d for d in datasets.ALL if d not in (*LARGE, *TOLD) and not issubclass(d, OpenmlSet)]


@parametrize_with_checks(optimizers.ALL, expected_failures=EXPECTED)
def test_optimizers(component, check):
    check(component)


@parametrize_with_checks([*initializers.ALL, *schedules.ALL])
def test_initializers_and_schedules(component, check):
    check(component)


@parametrize_with_checks([*regularizers.ALL, *normalizers.ALL])
def test_regularizers_and_normalizers(component, check):
    check(component)


@parametrize_with_checks([*SMALL, *functions.ALL, *problems.ALL, *kinds.ALL])
def test_datasets_functions_problems_and_networks(component, check):
    check(component)


@pytest.mark.slow
@parametrize_with_checks(LARGE)
def test_large_datasets(component, check):
    check(component)


SETTINGS = [
    optimizers.Momentum(beta=0.0),
    optimizers.Momentum(bias_correction=True),
    optimizers.Adam(bias_correction=False),
    optimizers.AdamW(decay=0.3),
    optimizers.ASGD(start=0.0),
    schedules.Warmup(steps=3, inner=schedules.Cosine()),
    schedules.WarmRestarts(cycles=1),
    regularizers.DropoutRegularizer(keep_each=(0.5,)),
    functions.Quadratic(noise=0.3, dimension=5),
    kinds.MLP(hidden=(3,), activation="tanh"),
    kinds.CNN(hidden=(4,), pooling="average"),
]


@parametrize_with_checks(SETTINGS)
def test_other_settings(component, check):
    check(component)
