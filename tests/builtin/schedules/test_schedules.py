"""Each schedule at steps where its formula gives a number one knows; and what all of them owe."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.builtin import schedules
from optbench.contract.context import Progress
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.accepted import check_component

every = pytest.mark.parametrize("schedule", schedules.ALL, ids=lambda c: c.name)


def at(schedule, step, total=100, steps_per_epoch=10):
    return schedule.factor(Progress(step, total, steps_per_epoch))


@every
def test_is_a_valid_component_with_a_source(schedule):
    check_component("schedules", schedule)
    assert schedule.reference
    assert "factor" in schedule.__doc__
    for spec in schedule.hyperparameters().values():
        if spec.low is not None:
            assert spec.low <= spec.default <= spec.high


@every
@given(total=st.integers(1, 10_000), per_epoch=st.integers(1, 500), where=st.floats(0, 1))
def test_finite_not_negative_and_a_python_float(schedule, total, per_epoch, where):
    one = schedule()
    # the first, the last, one between, and the one after the last, which an evaluation at the end may ask for
    for step in {0, total - 1, int(where * (total - 1)), total}:
        factor = one.factor(Progress(step, total, per_epoch))
        assert type(factor) is float
        assert 0 <= factor <= 1


@every
@given(total=st.integers(1, 300), data=st.data())
def test_any_valid_setting_is_bounded(schedule, total, data):
    settings = {}
    for name, spec in schedule.hyperparameters().items():
        if spec.low is not None:
            kind = st.integers if spec.scale == "integer" else st.floats
            settings[name] = data.draw(kind(spec.low, spec.high), name)
    one = schedule(**settings)
    for step in range(total + 1):
        assert 0 <= one.factor(Progress(step, total, 7)) <= max(1.0, settings.get("k", 0)) + 1e-12


# schedule, {step: factor} in 100 steps of 10 an epoch
KNOWN = [
    (schedules.Constant(), {0: 1, 50: 1, 99: 1}),
    (schedules.InverseTime(decay=0.5), {0: 1, 9: 1, 10: 1 / 1.5, 25: 1 / 2, 99: 1 / 5.5}),
    # the course's programming exercise: the rate after epoch e is that of e, or of floor(e / interval)
    (schedules.InverseTime(delay=1), {0: 1, 10: 1, 19: 1, 20: 1 / 2, 30: 1 / 3, 99: 1 / 9}),
    (schedules.InverseTime(interval=3, delay=1), {0: 1, 39: 1, 40: 1 / 2, 69: 1 / 2, 70: 1 / 3, 99: 1 / 3}),
    (schedules.Exponential(base=0.5, interval=4), {0: 1, 39: 1, 40: 0.5, 79: 0.5, 80: 0.25}),
    (schedules.InverseSqrtEpoch(interval=3), {0: 1, 29: 1, 30: 1 / math.sqrt(2), 90: 0.5}),
    (schedules.Exponential(), {0: 1, 9: 1, 10: 0.95, 29: 0.9025, 99: 0.95**9}),
    (schedules.InverseSqrtEpoch(k=2), {0: 2, 9: 2, 10: math.sqrt(2), 30: 1, 99: 2 / math.sqrt(10)}),
    (schedules.InverseSqrtStep(k=3), {0: 3, 3: 1.5, 8: 1, 99: 0.3}),
    (schedules.Staircase(drop=0.5, stages=4), {0: 1, 24: 1, 25: 0.5, 49: 0.5, 50: 0.25, 99: 0.125}),
    (schedules.Staircase(drop=0.1, stages=3), {33: 1, 34: 0.1, 66: 0.1, 67: 0.01}),
    (schedules.Linear(), {0: 1, 25: 0.75, 50: 0.5, 99: 0.01}),
    (schedules.Linear(end=0.2), {0: 1, 50: 0.6, 100: 0.2}),
    (schedules.Polynomial(power=2), {0: 1, 50: 0.25, 90: 0.01}),
    (schedules.Polynomial(power=3, end=0.5), {0: 1, 50: 0.5625, 100: 0.5}),
    (schedules.Cosine(), {0: 1, 50: 0.5, 100: 0}),
    (schedules.Cosine(end=0.1), {0: 1, 50: 0.55, 100: 0.1}),
    (schedules.WarmRestarts(cycles=2, growth=3), {0: 1, 12.5: 0.5, 25: 1, 62.5: 0.5, 100: 0}),
    (schedules.WarmRestarts(cycles=4, growth=1, end=0.2), {0: 1, 12.5: 0.6, 25: 1, 50: 1, 75: 1, 100: 0.2}),
    (schedules.OneCycle(), {0: 0.04, 14.5: 0.52, 29: 1, 64: (1 + 4e-6) / 2, 99: 4e-6}),
    (schedules.WarmupStableDecay(), {0: 1 / 6, 4: 5 / 6, 5: 1, 80: 1, 85: 0.5, 90: 1 - math.sqrt(0.5), 100: 0}),
    (schedules.WarmupStableDecay(warmup=0.19, decay=0.4, end=0.2, shape="linear"), {0: 0.05, 19: 1, 60: 1, 80: 0.6}),
    (schedules.WarmupStableDecay(warmup=0.0, decay=0.0), {0: 1, 99: 1, 100: 1}),
    (schedules.WarmupStableDecay(warmup=1.0, decay=1.0, shape="linear"), {0: 1 / 101, 50: 51 / 202, 100: 0}),
    (schedules.Warmup(steps=9), {0: 0.1, 4: 0.5, 9: 1, 99: 1}),
    (schedules.Warmup(share=0.04), {0: 0.2, 3: 0.8, 4: 1}),
    (schedules.Warmup(schedules.Linear(), steps=20), {0: 1 / 21, 20: 1, 60: 0.5, 100: 0}),
    (schedules.Warmup(schedules.InverseSqrtStep(k=2), steps=20), {0: 2 / 21, 19: 40 / 21, 20: 2, 23: 1}),
]


@pytest.mark.parametrize(
    ("schedule", "values"), KNOWN, ids=[f"{s.name}-{i}" for i, (s, _) in enumerate(KNOWN)]
)
def test_known_values(schedule, values):
    for step, expected in values.items():
        assert at(schedule, step) == pytest.approx(expected, rel=1e-12, abs=1e-12), step


def test_every_schedule_has_known_values():
    assert {type(s) for s, _ in KNOWN} == set(schedules.ALL)


RISING = (schedules.WarmRestarts, schedules.OneCycle, schedules.Warmup, schedules.WarmupStableDecay)


@given(total=st.integers(1, 200), end=st.floats(0, 1))
def test_a_decay_of_all_is_linear(total, end):
    one, other = schedules.WarmupStableDecay(0.0, 1.0, end, "linear"), schedules.Linear(end)
    for step in range(total + 1):
        assert at(one, step, total) == pytest.approx(at(other, step, total), abs=1e-15)


@pytest.mark.parametrize(
    "schedule",
    [s for s in schedules.ALL if s not in RISING],
    ids=lambda c: c.name,
)
@given(total=st.integers(1, 200), per_epoch=st.integers(1, 20))
def test_decays_never_rise(schedule, total, per_epoch):
    one = schedule()
    factors = [at(one, step, total, per_epoch) for step in range(total + 1)]
    assert all(b <= a for a, b in pairwise(factors))


@given(decay=st.floats(0, 3), interval=st.integers(1, 5), per_epoch=st.integers(1, 4))
def test_the_course_decays_after_each_epoch(decay, interval, per_epoch):
    rates, rate = [], 1.0
    for epoch in range(12):
        rates += [rate] * per_epoch
        rate = 1 / (1 + decay * np.floor(epoch / interval))
    ours = schedules.InverseTime(decay=decay, interval=interval, delay=1)
    assert [at(ours, step, len(rates), per_epoch) for step in range(len(rates))] == pytest.approx(rates)


@given(first=st.integers(1, 50), growth=st.integers(1, 3), cycles=st.integers(1, 5))
def test_each_cycle_starts_at_the_full_rate(first, growth, cycles):
    starts = [first * sum(growth**i for i in range(n)) for n in range(cycles + 1)]
    one = schedules.WarmRestarts(cycles=cycles, growth=growth)
    for start in starts[:-1]:
        assert at(one, start, starts[-1]) == pytest.approx(1, abs=1e-9)
    if first > 1:
        for end in starts[1:]:
            assert at(one, end - 1, starts[-1]) < 0.51


def test_a_warm_up_as_long_as_the_budget_is_all_there_is():
    one = schedules.Warmup(schedules.Cosine(), steps=100)
    assert [at(one, s, total=5) for s in range(5)] == pytest.approx([(s + 1) / 101 for s in range(5)])


def test_warm_ups_nest():
    inner = schedules.Warmup(schedules.Constant(), steps=1)
    assert [at(schedules.Warmup(inner, steps=1), s) for s in range(4)] == [0.25, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("schedule", "setting", "value", "valid"),
    [
        (schedules.InverseTime, "decay", -1, "[0, inf)"),
        (schedules.Exponential, "base", 1.5, "(0, 1]"),
        (schedules.InverseTime, "interval", 0, "[1, inf)"),
        (schedules.Exponential, "interval", 2.5, "whole"),
        (schedules.InverseSqrtEpoch, "delay", -1, "[0, inf)"),
        (schedules.Staircase, "stages", 0, "[1, inf)"),
        (schedules.Staircase, "stages", 2.5, "whole"),
        (schedules.Cosine, "end", -0.1, "[0, 1]"),
        (schedules.WarmRestarts, "growth", 0.5, "[1, inf)"),
        (schedules.OneCycle, "divide", 0, "[1, inf)"),
        (schedules.Warmup, "steps", -3, "[0, inf)"),
        (schedules.Warmup, "inner", "cosine", "must be a schedule"),
    ],
)
def test_an_impossible_setting_names_component_field_and_range(schedule, setting, value, valid):
    with pytest.raises(ComponentError) as error:
        schedule(**{setting: value})
    for part in (schedule.name, setting, valid):
        assert part in str(error.value)
