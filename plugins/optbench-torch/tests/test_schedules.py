"""Schedules beside torch's own schedulers, and that they are functions of the step."""

import pytest

torch = pytest.importorskip("torch")

from optbench_torch import schedules  # noqa: E402

from optbench import ComponentError, Deferred, Progress  # noqa: E402
from optbench.testing import check_is_a_component  # noqa: E402

MADE = {item.name.partition("/")[2]: item.make() for item in schedules.schedules() if isinstance(item, Deferred)}
EPOCHS, PER_EPOCH = 12, 5
TOTAL = EPOCHS * PER_EPOCH
STILL = {"max_lr": 1.0, "cycle_momentum": False}
#: settings, torch's arguments, unit
CASES = [
    ("constant-lr", {}, {}, "epoch"),
    ("linear-lr", {"total_iters": 7}, {"total_iters": 7}, "epoch"),
    ("step-lr", {"step_size": 4}, {"step_size": 4}, "epoch"),
    ("multi-step-lr", {"milestones": (3, 9), "gamma": 0.5}, {"milestones": [3, 9], "gamma": 0.5}, "epoch"),
    ("exponential-lr", {"gamma": 0.9}, {"gamma": 0.9}, "epoch"),
    ("polynomial-lr", {"power": 2.0}, {"power": 2.0, "total_iters": EPOCHS}, "epoch"),
    ("cosine-annealing-lr", {}, {"T_max": EPOCHS}, "epoch"),
    ("cosine-annealing-lr", {"T_max": 5, "eta_min": 0.1}, {"T_max": 5, "eta_min": 0.1}, "epoch"),
    ("cosine-annealing-lr", {"unit": "step"}, {"T_max": TOTAL}, "step"),
    ("cosine-annealing-warm-restarts", {"T_0": 3, "T_mult": 2}, {"T_0": 3, "T_mult": 2}, "epoch"),
    ("cyclic-lr", {"step_size_up": 8}, {**STILL, "base_lr": 0.1, "step_size_up": 8}, "step"),
    ("one-cycle-lr", {}, {**STILL, "total_steps": TOTAL}, "step"),
]


def theirs(cls, arguments, count):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, cls)(optimizer, **arguments)
    rates = []
    for number in range(count):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if number < count - 1:
            scheduler.step()
    return rates


@pytest.mark.parametrize(("name", "settings", "arguments", "unit"), CASES)
def test_factors_are_torchs(name, settings, arguments, unit):
    schedule = MADE[name](**settings)
    ours = [schedule.factor(Progress(step, TOTAL, PER_EPOCH)) for step in range(TOTAL)]
    each = theirs(schedules.SCHEDULERS[name][0], arguments, TOTAL if unit == "step" else EPOCHS)
    expected = each if unit == "step" else [rate for rate in each for _ in range(PER_EPOCH)]
    assert ours == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert min(ours) >= 0


@pytest.mark.parametrize("name", MADE)
def test_a_schedule_is_a_function_of_the_step(name):
    check_is_a_component(MADE[name])
    schedule = MADE[name]()
    schedules.factors.cache_clear()
    late = schedule.factor(Progress(40, TOTAL, PER_EPOCH))
    first = [schedule.factor(Progress(step, TOTAL, PER_EPOCH)) for step in range(TOTAL)]
    assert late == first[40]
    assert first == [schedule.factor(Progress(step, TOTAL, PER_EPOCH)) for step in range(TOTAL)]
    assert schedule.factor(Progress(TOTAL + 3, TOTAL, PER_EPOCH)) >= 0  # timing goes past the budget
    assert schedule.factor(Progress(0, 1, 1)) >= 0


def test_impossible_settings_are_an_error():
    with pytest.raises(ComponentError, match="torch/one-cycle-lr"):
        MADE["one-cycle-lr"](pct_start=3.0).factor(Progress(0, 10, 1))
    with pytest.raises(ComponentError, match="must be one of 'epoch', 'step'"):
        MADE["step-lr"](unit="week")


def test_every_scheduler_of_torch_is_there_or_says_why_not():
    base = torch.optim.lr_scheduler.LRScheduler
    every = [
        name for name, cls in vars(torch.optim.lr_scheduler).items()
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base and not name.startswith("_")
    ]  # fmt: skip
    known = {cls for cls, _, _ in schedules.SCHEDULERS.values()}
    refused = {name.replace("-", "") for name in schedules.UNAVAILABLE}
    assert {name for name in every if name not in known and name.lower() not in refused} == set()
