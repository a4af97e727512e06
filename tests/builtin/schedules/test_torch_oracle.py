"""Whole budgets beside torch's schedulers."""

import warnings

import pytest

from optbench.builtin import schedules
from optbench.contract.context import Progress

pytestmark = pytest.mark.oracle

TOTAL = 140
# ours, with one step an epoch; torch's name, torch's settings
CASES = [
    (schedules.Exponential(base=0.9), "ExponentialLR", {"gamma": 0.9}),
    (schedules.Exponential(base=0.7, interval=9), "StepLR", {"step_size": 9, "gamma": 0.7}),
    (schedules.Staircase(drop=0.3, stages=7), "StepLR", {"step_size": 20, "gamma": 0.3}),
    (
        schedules.Linear(end=0.1),
        "LinearLR",
        {"start_factor": 1.0, "end_factor": 0.1, "total_iters": TOTAL},
    ),
    (schedules.Polynomial(power=1.5), "PolynomialLR", {"total_iters": TOTAL, "power": 1.5}),
    (schedules.Cosine(end=0.1), "CosineAnnealingLR", {"T_max": TOTAL, "eta_min": 0.1}),
    (
        schedules.WarmRestarts(cycles=3, growth=2, end=0.05),
        "CosineAnnealingWarmRestarts",
        {"T_0": TOTAL // 7, "T_mult": 2, "eta_min": 0.05},
    ),
    (schedules.OneCycle(), "OneCycleLR", {"max_lr": 1.0, "total_steps": TOTAL}),
    (
        schedules.OneCycle(rise=0.45, divide=10, final=100),
        "OneCycleLR",
        {"max_lr": 1.0, "total_steps": TOTAL, "pct_start": 0.45, "div_factor": 10, "final_div_factor": 100},
    ),
]


@pytest.mark.parametrize(
    ("ours", "name", "settings"), CASES, ids=[f"{c[0].name}-{i}" for i, c in enumerate(CASES)]
)
def test_factors_are_torchs(ours, name, settings):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **settings)
    theirs = []
    for step in range(TOTAL):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < TOTAL - 1:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scheduler.step()
    factors = [ours.factor(Progress(step, TOTAL)) for step in range(TOTAL)]
    assert factors == pytest.approx(theirs, rel=1e-9, abs=1e-12)
