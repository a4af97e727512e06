"""Tree-structured Parzen estimators: the next setting where good trials are dense and bad ones are not (Optuna).

The first trials are quasi-random points, the others are proposed one by one. A proposal is a function of the seed and
of the trials so far, told in their order: a study that was interrupted makes the same ones from the store. Only their
order is told, best first, since TPE splits at a quantile: a target met in few steps and a loss need no common scale.

References: Bergstra et al. 2011, Algorithms for Hyper-Parameter Optimization; Akiba et al. 2019, Optuna.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import Hyper
from optbench.tuning.scales import from_unit, to_unit

#: Beyond so many points the estimators know enough; below twice as many trials, half of them are points.
MOST_POINTS = 10
#: A proposal that repeats a setting is drawn again, so often; then one is drawn by chance, which budgets are equal by;
#: and where these repeat, too, a small space counts as searched.
ATTEMPTS, DRAWS = 10, 100


def require() -> None:
    """Raise `OptbenchError` where Optuna is not installed."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise OptbenchError('method "tpe" needs Optuna: pip install "optbench[optuna]"') from None


def first(trials: int) -> int:
    """How many of these trials are quasi-random points."""
    return min((trials + 1) // 2, MOST_POINTS)


def propose(
    hypers: Mapping[str, Hyper], tried: Sequence[Mapping[str, Any]], best: Sequence[int], rng: np.random.Generator
) -> dict[str, Any] | None:
    """The next setting by path; None where only tried ones are proposed.

    tried   settings by path, in the order in which they were made
    best    their numbers, best first
    """
    place = {number: rank for rank, number in enumerate(best)}
    for _ in range(ATTEMPTS):
        values = _ask(hypers, tried, [place[n] for n in range(len(tried))], int(rng.integers(2**32)))
        if values not in tried:
            return values
    for point in rng.random((DRAWS, len(hypers))):
        values = {path: from_unit(h, float(u)) for (path, h), u in zip(hypers.items(), point, strict=True)}
        if values not in tried:
            return values
    return None


def _ask(
    hypers: Mapping[str, Hyper], tried: Sequence[Mapping[str, Any]], ranks: Sequence[int], seed: int
) -> dict[str, Any]:
    import optuna
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution

    space: dict[str, BaseDistribution] = {
        path: CategoricalDistribution(range(len(h.choices))) if h.scale == "choice" else FloatDistribution(0.0, 1.0)
        for path, h in hypers.items()
    }
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            # Hyperparameters are estimated together, which older versions call experimental.
            warnings.simplefilter("ignore")
            sampler = optuna.samplers.TPESampler(n_startup_trials=1, multivariate=True, seed=seed)
            study = optuna.create_study(sampler=sampler, direction="minimize")
            for values, rank in zip(tried, ranks, strict=True):
                told = {path: _coordinate(h, values[path]) for path, h in hypers.items()}
                study.add_trial(optuna.trial.create_trial(params=told, distributions=space, value=float(rank)))
            asked = study.ask(space).params
    finally:
        optuna.logging.set_verbosity(level)
    return {path: _value(h, asked[path]) for path, h in hypers.items()}


def _coordinate(hyper: Hyper, value: Any) -> Any:
    return hyper.choices.index(value) if hyper.scale == "choice" else to_unit(hyper, value)


def _value(hyper: Hyper, coordinate: Any) -> Any:
    return hyper.choices[coordinate] if hyper.scale == "choice" else from_unit(hyper, float(coordinate))
