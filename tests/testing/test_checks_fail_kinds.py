"""Each check of the other kinds fails a component that is wrong in just that way, and says what to change."""

from dataclasses import dataclass

import numpy as np
import pytest

from optbench import (
    Architecture,
    Data,
    Dataset,
    HiddenNormalizer,
    Initializer,
    InputNormalizer,
    LayerRegularizer,
    Penalty,
    Schedule,
    Stopping,
    testing,
)
from optbench.builtin.initializers import HeNormal
from optbench.contract.components import BatchTransform, Constraint
from optbench.contract.errors import OptbenchError
from optbench.nn.activations import Relu
from optbench.nn.batch_norm import BatchNorm
from optbench.nn.dense import Dense
from optbench.nn.rms_norm import RMSNorm
from optbench.testing import CheckFailed
from optbench.testing.collecting import EVERY, KINDS
from support import wrong_problems
from support.wrong_layers import (
    MEAN,
    Counts,
    CountsInTraining,
    Doubles,
    FreshNoise,
    InDouble,
    Largest,
    Noise,
    OverTheStack,
    Spread,
    WrongBackward,
    layered,
    made,
)

SEEN = {"count": 0}

# -------------------------------------------------------------------------------------------------- regularizers


def half_the_gradient(self, params, grads, layout):
    grads += params
    return float(params @ params)


def overwrites(self, params, grads, layout):
    grads[...] = params
    return 0.5 * float(params @ params)


def shrinks(self, params, grads, layout):
    params *= 0.9
    return 0.0


def norm_penalty(self, params, grads, layout):
    norm = np.sqrt(params @ params)
    grads += params / norm
    return float(norm)


def double_penalty(self, params, grads, layout):
    grads += np.float64(0.1) * params
    return 0.0


def halves(self, params, layout):
    params *= 0.5


def elsewhere(self, params, layout):
    params = np.clip(params, -1, 1)


def unit(self, params, layout):
    params /= np.sqrt(params @ params)


def double_box(self, params, layout):
    params *= np.minimum(1.0, 0.5 / np.float64(np.abs(params).max()))


def transform(change):
    return made(BatchTransform, transform=change)


def remembers(self, history):
    SEEN["count"] += 1
    return SEEN["count"] > 5


# --------------------------------------------------------------------------------------------------- normalizers


def fits_in_place(self, x):
    x -= x.mean(axis=0)
    return lambda x: x


def by_the_batch(self, x):
    return lambda x: x - x.mean(axis=0)


def by_the_spread(self, x):
    mean, spread = x.mean(axis=0), x.std(axis=0)
    return lambda x: (x - mean) / spread


def casts_back(self, x):
    low, spread = x.min(axis=0), np.maximum(x.max(axis=0) - 1.0 * x.min(axis=0), 1)
    return lambda x: ((x - low) / spread).astype(x.dtype)


def leaves_whole_numbers(self, x):
    return lambda x: x


# ---------------------------------------------------------------------------------------- schedules, initializers


def counting(self, progress):
    SEEN["count"] += 1
    return 1 / SEEN["count"]


def seeded(self, shape, fan_in, fan_out, rng):
    return np.random.default_rng(0).normal(size=shape)


def global_draw(self, shape, fan_in, fan_out, rng):
    return np.random.normal(size=shape)  # noqa: NPY002


# ----------------------------------------------------------------------------------------- datasets, networks


def dataset(load, task="classification", source="made up, no licence needed", **members):
    return made(Dataset, load=load, task=task, source=source, **members)


def endless(draw):
    """Drawn by `draw(rng, count)`; loaded are 30 of two features and two classes."""
    return dataset(
        lambda self, rng: Data(rng.normal(size=(30, 2)), np.arange(30) % 2),
        law=lambda self, rng: draw,
        endless=True,
    )


def network(layers):
    return made(Architecture, layers=layers)


@dataclass(frozen=True)
class BadRelu(Relu):
    def op(self, wires):
        return WrongBackward(wires)


class Remembers(Doubles):
    """Its passes count: what they give depends on how many there were."""

    count = 0

    def forward(self, training, fresh):
        self.count += 1
        self.wires.y[...] = self.wires.x * self.count


@dataclass(frozen=True)
class Counting(Relu):
    def op(self, wires):
        return Remembers(wires)


@dataclass(frozen=True)
class TooWide(HeNormal):
    """As He, but it takes fan_out for fan_in when it draws."""

    name = "too-wide"

    def draw(self, shape, fan_in, fan_out, rng):
        return super().draw(shape, fan_out, fan_in, rng)


#: (check, a component that it must fail, what its message must say)
WRONG = [
    ("layer_gradient", layered(WrongBackward), "the backward pass differs from central differences"),
    ("batch_of_one", layered(Spread), "its variance is 0; add an epsilon under the root"),
    ("evaluation_is_deterministic", layered(Noise, LayerRegularizer), "chance is for training only"),
    ("evaluation_is_deterministic", layered(Counts, **MEAN), "an evaluation changes running statistics"),
    ("a_step_is_one_function", layered(FreshNoise), "draw masks only where `fresh`"),
    ("a_step_is_one_function", layered(CountsInTraining, **MEAN), "changes running statistics: update them only"),
    ("rows_of_a_stack_are_solo", layered(OverTheStack), "work on trailing axes"),
    ("rows_of_a_stack_are_solo", layered(Noise), "from its own generator"),
    ("layer_stays_float32", layered(InDouble), "float32 and the float64 2.0 at wrong_layers.py"),
    ("layer_survives_huge_and_denormal", layered(Largest), "of the size 0 give NaN"),
    ("penalty_gradient", made(Penalty, apply=half_the_gradient), "a factor of 2 perhaps"),
    ("penalty_adds_to_the_gradient", made(Penalty, apply=overwrites), "add to it, `grads [+]= ...`"),
    ("penalty_adds_to_the_gradient", made(Penalty, apply=shrinks), "apply changed params"),
    ("penalty_survives_extremes", made(Penalty, apply=norm_penalty), "of the size 0 give a gradient that is not fin"),
    ("vectors_stay_float32", made(Penalty, apply=double_penalty), "computes in float64: multiply"),
    ("vectors_stay_float32", made(Constraint, project=double_box), "computes in float64"),
    ("projection_is_idempotent", made(Constraint, project=halves), "a second projection moves params again"),
    ("projection_is_idempotent", made(Constraint, project=elsewhere), "params of a million stay as they are"),
    ("projection_survives_extremes", made(Constraint, project=unit), r"a norm may be 0 \(np.maximum"),
    ("transform_keeps_shapes", transform(lambda self, x, y, rng: (x[1:], y[1:])), "keep the shapes"),
    ("transform_keeps_shapes", transform(lambda self, x, y, rng: x), "transform must return two arrays"),
    ("transform_keeps_shapes", transform(lambda self, x, y, rng: (x * np.float64(2), y)), "work in place, or astype"),
    (
        "transform_stays_float32",
        transform(lambda self, x, y, rng: (x.__iadd__(rng.normal(size=x.shape)), y)),
        "add of float32 and a float64 array .*draw with dtype=x.dtype",
    ),
    (
        "transform_survives_extremes",
        transform(lambda self, x, y, rng: (x / np.abs(x).max(), y)),
        "of the size 0 become NaN or infinite",
    ),
    ("stopping_is_pure", made(Stopping, stop=remembers), "compute it from the history alone"),
    ("stopping_is_pure", made(Stopping, stop=lambda self, history: bool(history.pop())), "changed the history"),
    ("stopping_answers_any_history", made(Stopping, stop=lambda self, history: None), "return True or False"),
    (
        "stopping_answers_any_history",
        made(Stopping, stop=lambda self, history: False, keep=lambda self, history: len(history)),
        "return an index from 0 to 0",
    ),
    ("fit_leaves_the_inputs_alone", made(InputNormalizer, fit=fits_in_place), "fit changed the examples"),
    ("examples_are_transformed_one_by_one", made(InputNormalizer, fit=by_the_batch), "take all statistics in fit"),
    ("inputs_survive_extremes", made(InputNormalizer, fit=by_the_spread), "a constant feature become NaN"),
    ("whole_numbers_become_floats", made(InputNormalizer, fit=casts_back), "of uint8 come out as uint8"),
    ("whole_numbers_become_floats", made(InputNormalizer, fit=leaves_whole_numbers), "do not cast back to x.dtype"),
    (
        "factors_are_finite_and_not_negative",
        made(Schedule, factor=lambda self, p: 1 / (p.total_steps - 1)),
        "raises ZeroDivisionError at step 0 of 1 ",
    ),
    (
        "factors_are_finite_and_not_negative",
        made(Schedule, factor=lambda self, p: 0.9 - p.step / p.total_steps),
        r"must be finite and not negative \(max",
    ),
    ("schedule_is_pure", made(Schedule, factor=counting), "count nothing"),
    (
        "draws_fit_any_tensor",
        made(Initializer, draw=lambda self, shape, *fans_and_rng: np.ones((fans_and_rng[0], fans_and_rng[1]))),
        "draw gives shape .* draw `shape` values",
    ),
    (
        "draws_fit_any_tensor",
        made(Initializer, draw=lambda self, shape, i, o, rng: rng.standard_normal(shape, dtype=np.float32) * 1),
        "draw in float64, the network rounds",
    ),
    ("only_the_generator_matters", made(Initializer, draw=global_draw), "draw from `rng` only"),
    ("only_the_generator_matters", made(Initializer, draw=seeded), "seed none of your own"),
    ("declared_variance_holds", TooWide, "which fan is which"),
    ("names_its_source", dataset(lambda self, rng: None, source=""), "under which licence"),
    ("examples_are_valid", dataset(lambda self, rng: None), r"return Data\(x, y\)"),
    (
        "examples_are_valid",
        dataset(lambda self, rng: Data(np.eye(4), np.array([1, 2, 1, 2]))),
        "class numbers must be 0, 1, … without a gap",
    ),
    ("examples_are_valid", dataset(lambda self, rng: Data(np.eye(4, dtype=int), np.arange(4))), "give float64"),
    (
        "examples_can_be_split",
        dataset(lambda self, rng: Data(rng.normal(size=(30, 2)), np.minimum(np.arange(30), 1))),
        "cannot be prepared for training: .* too few examples",
    ),
    (
        "new_examples_are_like_those_loaded",
        dataset(lambda self, rng: Data(rng.normal(size=(30, 2)), np.arange(30) % 2), online=True),
        "online, but not endless",
    ),
    (
        "new_examples_are_like_those_loaded",
        endless(lambda rng, count: (rng.normal(size=(count, 3)), np.arange(count) % 2)),
        r"law draws x of shape \(64, 3\), expected \(64, 2\)",
    ),
    (
        "new_examples_are_like_those_loaded",
        endless(lambda rng, count: (rng.normal(size=(count, 2)), np.arange(count) % 3)),
        "law draws y from 0 to 2, load gives 0 to 1",
    ),
    (
        "new_examples_are_like_those_loaded",
        endless(lambda rng, count: (np.ones((count, 2)), np.arange(count) % 2)),
        "the same examples for another generator",
    ),
    (
        "new_examples_are_like_those_loaded",
        endless(lambda rng, count: (np.random.normal(size=(count, 2)), np.arange(count) % 2)),  # noqa: NPY002
        "other examples for the same generators",
    ),
    (
        "network_ends_in_its_outputs",
        network(lambda self, shape, outputs, extras: [Dense(7)]),
        r"let the last layer be Dense\(outputs\)",
    ),
    (
        "network_gradient",
        network(lambda self, shape, outputs, extras: [Dense(5), BadRelu(), Dense(outputs)]),
        "check the backward passes",
    ),
    (
        "network_takes_one_example",
        network(lambda self, shape, outputs, extras: [Dense(5), BatchNorm(epsilon=0.0), Dense(outputs)]),
        "one example gives NaN",
    ),
    (
        "network_asks_for_extras",
        network(lambda self, shape, outputs, extras: [Dense(5), Relu(), Dense(outputs)]),
        r"1 hidden activations, but 0 places before activation: put \*extras.before_activation",
    ),
    (
        "network_saves_and_loads",
        network(lambda self, shape, outputs, extras: [Dense(5), Counting(), Dense(outputs)]),
        "goes on with other numbers after a checkpoint: what a layer remembers belongs into its running statistics",
    ),
    *wrong_problems.WRONG,
]


@pytest.fixture(autouse=True)
def _fresh():
    for seen in (SEEN, wrong_problems.SEEN):
        seen.clear()
        seen["count"] = 0


@pytest.mark.parametrize(("check", "component", "message"), WRONG, ids=[f"{c}-{n}" for n, (c, *_) in enumerate(WRONG)])
def test_a_wrong_component_fails_and_is_told_what_to_change(check, component, message):
    with pytest.raises(CheckFailed, match=f"(?s){message}"):
        getattr(testing, f"check_{check}")(component)


def test_every_check_is_proved():
    own = {check.__name__ for _, checks in KINDS[1:] for check in checks}
    assert {f"check_{check}" for check, *_ in WRONG} == own


def test_the_base_of_the_wrong_layers_is_right():
    for check in KINDS[5][1]:
        check(layered(Doubles))


def test_a_layer_that_takes_no_usual_shape_is_named():
    def refuses(self, features):
        raise OptbenchError("needs 7 features")

    with pytest.raises(CheckFailed, match=r"takes neither 32 features nor images.*needs 7 features"):
        testing.check_batch_of_one(made(HiddenNormalizer, layer=refuses))
    testing.check_batch_of_one(made(HiddenNormalizer, layer=lambda self, features: RMSNorm()))


def test_what_is_no_component_is_refused():
    assert EVERY
    with pytest.raises(OptbenchError, match=r"must be a component \(a subclass of Optimizer, Penalty, …\)"):
        testing.checks_for(dict)
