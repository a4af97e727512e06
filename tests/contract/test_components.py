"""Hyperparameters say what they are, and components refuse what makes no sense."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optbench.contract.components import Optimizer, Stopping
from optbench.contract.context import Context, Measurement, Progress
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import SCALES, ComponentError, Hyper, Interval, hyper, walk
from optbench.contract.layout import Layout


@dataclass(frozen=True)
class Sample(Optimizer):
    name = "sample"
    lr: float = hyper(0.1, low=1e-4, high=10, scale="log", valid="[0, inf)", help="rate")
    beta: float = hyper(0.9, low=0.5, high=0.999, scale="log1m", valid="[0, 1)")
    window: int = hyper(5, low=1, high=9, scale="integer", valid="[1, inf)", priority=3)
    form: str = hyper("a", choices=("a", "b"), scale="choice")
    nesterov: bool = hyper(False)
    label: str = hyper("x")
    betas: tuple[float, ...] = (0.9, 0.99)


@dataclass(frozen=True)
class Outer(Optimizer):
    name = "outer"
    inner: Optimizer = dataclasses.field(default_factory=Sample)
    every: int = hyper(2, valid="[1, inf)")


# ---------------------------------------------------------------------------------------------- intervals

INSIDE = [
    ("[0, 1]", 0, True),
    ("[0, 1]", 1, True),
    ("(0, 1]", 0, False),
    ("[0, 1)", 1, False),
    ("[0, 1)", math.nextafter(1, 0), True),
    ("[0, inf)", 1e308, True),
    ("[0, inf)", math.inf, False),
    ("(-inf, inf)", -5, True),
    ("[1e-3, 2.5]", 0.0009, False),
    ("[ -1 ,1 ]", -1, True),
    ("[0, 1]", math.nan, False),
]


@pytest.mark.parametrize(("text", "value", "expected"), INSIDE)
def test_intervals(text, value, expected):
    assert (value in Interval(text)) is expected
    assert str(Interval(text)) == text


@pytest.mark.parametrize("text", ["0, 1", "[0 1]", "[0, 1", "[a, b]", "[1, 0]", "", "[0, 1, 2]"])
def test_what_is_no_interval_is_refused_when_it_is_declared(text):
    with pytest.raises(ComponentError, match="is not an interval such as"):
        Interval(text)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_point_is_inside_exactly_when_it_is_between(a, b, x):
    low, high = min(a, b), max(a, b)
    assert (x in Interval(f"[{low!r}, {high!r}]")) == (low <= x <= high)
    assert (x in Interval(f"({low!r}, {high!r})")) == (low < x < high)


# ------------------------------------------------------------------------------------------------- ranges


def test_hyper_declares_a_field_with_its_default():
    spec = Sample.hyperparameters()["lr"]
    assert spec == Hyper(0.1, 1e-4, 10, "log", (), Interval("[0, inf)"), 1, "rate")
    assert Sample().lr == 0.1
    assert list(Sample.hyperparameters()) == ["lr", "beta", "window", "form", "nesterov", "label"]


def test_rates_come_first_unless_said_otherwise():
    priorities = {name: spec.priority for name, spec in Sample.hyperparameters().items()}
    assert priorities["lr"] == 1
    assert priorities["beta"] == 2
    assert priorities["window"] == 3


def test_what_can_be_searched():
    searchable = [name for name, spec in Sample.hyperparameters().items() if spec.searchable]
    assert searchable == ["lr", "beta", "window", "form"]


BAD_RANGES = [
    (Hyper(1.0, 2, 1), "low must be below high, got low = 2, high = 1"),
    (Hyper(1.0, 1, 1), "low must be below high"),
    (Hyper(1.0, 0, math.inf), "low must be below high"),
    (Hyper(1.0, math.nan, 1), "low must be below high"),
    (Hyper(1.0, 0, 1, "log"), "a log scale needs low above 0, got 0"),
    (Hyper(1.0, 0.5, 1, "log1m"), "scale log1m needs high below 1, got 1"),
    (Hyper(1.0, 0, 2, valid=Interval("[0, 1]")), r"2 is outside its valid range \[0, 1\]"),
    (Hyper(1.0, 0, 2, "lgo"), "unknown scale 'lgo'; did you mean 'log'"),
    (Hyper(1.0, scale="choice"), "scale 'choice' needs choices"),
    (Hyper(1.0, choices=(1, 2)), "choices need scale 'choice', got 'linear'"),
    (Hyper(1.0, low=1), "low and high belong together, got low = 1, high = None"),
    (Hyper(1.0, high=1), "low and high belong together"),
]


@pytest.mark.parametrize(("spec", "expected"), BAD_RANGES)
def test_ranges_that_make_no_sense(spec, expected):
    with pytest.raises(ComponentError, match=f"^here: {expected}"):
        spec.check_range("here")


@pytest.mark.parametrize("scale", [s for s in SCALES if s != "choice"])
def test_ranges_that_do(scale):
    Hyper(0.5, 0.1, 0.9, scale).check_range("here")
    Hyper(0.5, scale=scale).check_range("here")


# ------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"lr": -0.1}, r"optimizer sample: lr must be in \[0, inf\), got -0.1"),
        ({"lr": math.inf}, "lr must be in"),
        ({"lr": math.nan}, "lr must be in"),
        ({"lr": "0.1"}, "lr must be a number, got '0.1'"),
        ({"lr": True}, "lr must be a number, got True"),
        ({"lr": None}, "lr must be a number, got None"),
        ({"beta": 1}, r"beta must be in \[0, 1\), got 1"),
        ({"window": 2.5}, "window must be a whole number, got 2.5"),
        ({"window": math.inf}, "window must be a whole number, got inf"),
        ({"window": math.nan}, "window must be a whole number, got nan"),
        ({"window": 0}, r"window must be in \[1, inf\), got 0"),
        ({"form": "c"}, "form must be one of 'a', 'b', got 'c'"),
        ({"nesterov": 1}, "nesterov must be true or false, got 1"),
        ({"label": 3}, "label must be a text, got 3"),
    ],
)
def test_values_that_make_no_sense(settings, expected):
    with pytest.raises(ComponentError, match=expected):
        Sample(**settings)


def test_a_component_error_is_for_users_and_a_value_error():
    assert issubclass(ComponentError, OptbenchError)
    assert issubclass(ComponentError, ValueError)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_numpy_scalars_become_python_floats(dtype):
    made = Sample(lr=dtype(0.5), betas=(dtype(0.5), 1.0))
    assert type(made.lr) is float
    assert [type(b) for b in made.betas] == [float, float]
    row = np.zeros(3, np.float32)
    assert (made.lr * row).dtype == np.float32


def test_whole_numbers_become_what_the_field_is():
    made = Sample(lr=1, window=np.int64(3))
    assert type(made.lr) is float
    assert type(made.window) is int
    assert type(Sample(window=3.0).window) is int
    assert Sample(window=3.0) == Sample(window=3)


def test_lists_become_tuples_so_that_components_can_be_hashed():
    made = Sample(betas=[0.1, 0.2])
    assert made.betas == (0.1, 0.2)
    assert hash(made) == hash(Sample(betas=(0.1, 0.2)))


def test_components_do_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Sample().lr = 1.0


# ----------------------------------------------------------------------------------------------- settings


def test_settings_are_plain_data_and_give_the_component_again():
    made = Sample(lr=0.5, betas=(0.1, 0.2))
    assert made.settings() == {
        "lr": 0.5, "beta": 0.9, "window": 5, "form": "a", "nesterov": False, "label": "x", "betas": [0.1, 0.2],
    }  # fmt: skip
    assert Sample(**made.settings()) == made


def test_a_component_within_is_a_table_with_its_name():
    settings = Outer(Sample(lr=0.5), 3).settings()
    assert settings["every"] == 3
    assert settings["inner"]["name"] == "sample"
    assert settings["inner"]["lr"] == 0.5
    assert "inner" not in Outer.hyperparameters()


def test_walk_gives_paths():
    settings = {"a": 1, "inner": {"lr": 2, "inner": {"lr": 3}}}
    assert dict(walk(settings)) == {"a": 1, "inner.lr": 2, "inner.inner.lr": 3}


# -------------------------------------------------------------------------------- what components get to see


def test_progress():
    progress = Progress(step=7, total_steps=20, steps_per_epoch=3)
    assert progress.epoch == 2
    assert progress.fraction == 7 / 20


def test_the_context_is_lazy_and_counts_gradients():
    asked = []

    def loss():
        asked.append(1)
        return 2.5

    context = Context(Layout.of({"w": (2,)}), loss=loss, gradient=lambda at, out=None: (1.0, 2 * at))
    assert asked == []
    assert context.loss == 2.5
    value, gradient = context.gradient(np.ones(2))
    assert value == 1.0
    np.testing.assert_array_equal(gradient, [2, 2])
    assert context.extra_gradients == 1
    assert context.step == 0
    assert context.factor == 1.0


def test_a_context_without_loss_or_gradient_says_so():
    context = Context(Layout.of({"w": (2,)}))
    with pytest.raises(OptbenchError, match="has no loss"):
        _ = context.loss
    with pytest.raises(OptbenchError, match="cannot evaluate"):
        context.gradient(np.ones(2))


def test_what_an_optimizer_need_not_write():
    params = np.ones(3)
    optimizer = Sample()
    state = optimizer.init(params, Layout.of({"w": (3,)}))
    assert state == {}
    assert optimizer.evaluation_params(params, state) is params
    assert [v is params for v in optimizer.iterates(params, state)] == [True]
    with pytest.raises(NotImplementedError):
        optimizer.step(params, params, state, Context(Layout.of({"w": (3,)})))


def test_a_stopping_rule_keeps_the_latest_by_default():
    @dataclass(frozen=True)
    class Never(Stopping):
        name = "never"

        def stop(self, history):
            return False

    history = [Measurement(n, *[0.0] * 9) for n in range(4)]
    assert Never().keep(history) == 3
