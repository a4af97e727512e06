"""Each check of every component, and of optimizers, fails a component that is wrong in just that way, and says what
to change. The checks of the other kinds are in test_checks_fail_kinds.py."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from optbench import Optimizer, hyper, testing
from optbench.builtin.optimizers import SGD
from optbench.testing import CheckFailed, checks_for

SEEN = {"count": 0, "velocity": None}


def wrong(step=None, base=Optimizer, **members):
    """A class that is SGD but for what is given: `step(self, w, g, s, c)` and other members."""

    def descend(self, params, grads, state, context):
        params -= (self.lr * context.factor) * grads

    lr = members.pop("lr", hyper(0.1, low=1e-3, high=1.0, scale="log"))
    names = {
        "__annotations__": {"lr": float, **members.pop("fields", {})},
        "__doc__": "w <- w - lr g",
        "name": "wrong",
        "reference": "Nobody 1900",
        "lr": lr,
        "step": step or descend,
        **members,
    }
    return dataclass(frozen=True)(type("Wrong", (base,), names))


# -------------------------------------------------------------------------------- wrong in what every kind owes


@dataclass(frozen=True)
class Listed(SGD):
    name = "listed"
    betas: list = field(default_factory=list)


@dataclass(frozen=True)
class Unplain(SGD):
    name = "unplain"
    limit: float = hyper(float("inf"))


class NotFrozen(Optimizer):
    name = "not-frozen"


def undocumented():
    cls = wrong()
    cls.__doc__ = "Wrong(lr: float = 0.1)"
    return cls


def from_the_global_generator(self, w, g, s, c):
    w -= self.lr * c.factor * (g + np.random.normal(size=g.shape))  # noqa: NPY002


# ------------------------------------------------------------------------------------------ wrong as optimizers


def not_in_place(self, w, g, s, c):
    w = w - self.lr * c.factor * g


def beyond_its_row(self, w, g, s, c):
    w.base[...] -= self.lr * c.factor * g


def keeps_the_buffer(self, w, g, s, c):
    if "previous" in s:
        w -= 0.1 * c.factor * s["previous"]
    s["previous"] = g


def on_the_module(self, w, g, s, c):
    if SEEN["velocity"] is None or SEEN["velocity"].dtype != w.dtype or SEEN["velocity"].shape != w.shape:
        SEEN["velocity"] = np.zeros_like(w)
    SEEN["velocity"] *= 0.5
    SEEN["velocity"] += g
    w -= self.lr * c.factor * SEEN["velocity"]


def in_double(self, w, g, s, c):
    w -= self.lr * c.factor / np.sqrt(c.step + 1) * g


def cubes(self, w, g, s, c):
    w -= self.lr * c.factor * g**3 / (g**2 + 1e-8)


def raises_on_nan(self, w, g, s, c):
    if not np.isfinite(g).all():
        raise FloatingPointError("not finite")
    w -= self.lr * c.factor * g


def counts_outside(self, w, g, s, c):
    SEEN["count"] += 1
    w -= self.lr * c.factor / SEEN["count"] * g


def pulls(self, w, g, s, c):
    w -= self.lr * c.factor * (g + 0.1 * w)


def no_factor(self, w, g, s, c):
    w -= self.lr * g


def uncounted(self, w, g, s, c):
    _, again = c._gradient(w - self.lr * c.factor * g)
    w -= self.lr * c.factor * again


def evaluates_on_params(self, params, state):
    params *= 0.99
    return params


def averages(self, w, g, s, c):
    w -= self.lr * c.factor * g
    s["average"] += 0.2 * (w - s["average"])


def ascends(self, w, g, s, c):
    w += self.lr * c.factor * g


def shuffles(self, w, g, s, c):
    w -= self.lr * c.factor * np.roll(g, 1)


def holds_the_first(self, w, g, s, c):
    s["params"] -= self.lr * c.factor * g


def shared_state(self, params, layout):
    return {"m": SHARED.setdefault(params.shape, np.zeros_like(params))}


def divides_by_the_largest(self, w, g, s, c):
    w -= self.lr * c.factor * g / np.abs(g).max()


def divides_by_the_spread(self, w, g, s, c):
    w -= self.lr * c.factor * g / np.std(g)


def divides_by_itself(self, w, g, s, c):
    w -= self.lr * c.factor * g / np.sqrt(g * g)


def first_row_slowly(self, w, g, s, c):
    for tensor in c.layout:
        g[tensor.slice][0] *= 0.5
    w -= self.lr * c.factor * g


def biases_by_name(self, w, g, s, c):
    for tensor in c.layout:
        w[tensor.slice] -= self.lr * c.factor * (2 if "bias" in tensor.name else 1) * g[tensor.slice]


def last_tensor_slowly(self, w, g, s, c):
    g[c.layout[-1].slice] *= 0.5
    w -= self.lr * c.factor * g


def signs(self, w, g, s, c):
    w -= self.lr * c.factor * np.sign(g)


def halfway_to_signs(self, w, g, s, c):
    w -= self.lr * c.factor * g / np.sqrt(np.abs(g) + 1e-8)


def noisy_first_row(self, w, g, s, c):
    g += 0.01 * c.rng.normal(size=g.shape)
    first_row_slowly(self, w, g, s, c)


def claims(*names):
    return lambda self: names


def float64_state(self, w, layout):
    return {"m": np.zeros(w.shape)}


def one_state_for_all(self, w, layout):
    return {"m": SHARED.setdefault(w.shape, np.zeros_like(w))}


def opaque_state(self, w, layout):
    return {"generator": np.random.default_rng(0)}


def writes_settings(self, w, g, s, c):
    object.__setattr__(self, "lr", self.lr * 0.9)
    w -= self.lr * c.factor * g


SHARED: dict = {}
AVERAGE = {"init": lambda self, w, layout: {"average": w.copy()}}

#: (check, a component that it must fail, what its message must say)
WRONG = [
    ("is_a_component", NotFrozen, r"must be a @dataclass\(frozen=True\)"),
    ("is_a_component", wrong(name="two words"), "name must be a printable text without blanks"),
    ("constructs_with_defaults", Listed, "betas has a default_factory: give a plain default"),
    (
        "constructs_with_defaults",
        wrong(fields={"inner": Optimizer}, inner=field(kw_only=True)),
        "give every field a default",
    ),
    ("settings_are_plain_data", Unplain, "no plain finite data"),
    ("declares_its_source", undocumented(), "Wrong has no docstring: give the formula"),
    ("declares_its_source", wrong(reference=""), "it has no reference"),
    (
        "ranges_contain_the_default",
        wrong(lr=hyper(5.0, low=1e-3, high=1.0, scale="log")),
        "lr: the default 5 is outside of the searched range 0.001 to 1",
    ),
    ("same_seed_same_bits", wrong(from_the_global_generator), "draw from the generator that is passed"),
    ("leaves_the_world_alone", wrong(from_the_global_generator), "changes NumPy's global generator"),
    ("updates_in_place", wrong(not_in_place), "write `params -= ...`"),
    ("updates_in_place", wrong(lambda self, w, g, s, c: w - g), "step returned ndarray: update params in place"),
    ("leaves_its_surroundings_alone", wrong(beyond_its_row), "wrote beyond its own params"),
    ("leaves_its_surroundings_alone", wrong(writes_settings), "changed its own settings.*belongs into the state"),
    ("keeps_no_buffers", wrong(keeps_the_buffer), r"state\['previous'\] is the gradient's buffer.*grads.copy"),
    (
        "float32_stays_float32",
        wrong(in_double),
        r"multiply of float32 and the float64 .* at test_checks_fail.py:\d+ \(w -= .*Python float",
    ),
    ("float32_stays_float32", wrong(init=float64_state), r"state\['m'\] is float64.*np.zeros_like\(params\)"),
    ("survives_empty_and_scalar", wrong(divides_by_the_largest), "on no parameters it raises ValueError"),
    ("survives_empty_and_scalar", wrong(divides_by_the_spread), "on a scalar params become NaN or infinite"),
    ("survives_huge_and_denormal", wrong(cubes), "1e\\+15 made params not finite.*scale before"),
    ("survives_huge_and_denormal", wrong(divides_by_itself), "1e-25 made params not finite.*add an epsilon"),
    ("survives_infinite_gradients", wrong(raises_on_nan), "gradients of inf raise FloatingPointError"),
    ("state_checkpoints", wrong(counts_outside), "everything that changes in training must be in the state"),
    ("state_checkpoints", wrong(init=opaque_state), "the state cannot be saved: a state holds a Generator"),
    ("state_is_its_own", wrong(init=lambda self, w, layout: {"slow": w}), "is params itself.*keep params.copy"),
    ("state_is_its_own", wrong(init=one_state_for_all), r"two trainings share state\['m'\]: make new arrays in init"),
    ("trainings_share_nothing", wrong(on_the_module), "two trainings that take turns change each other"),
    ("zero_gradient_leaves_parameters_alone", wrong(pulls), 'moves_without_gradient = "..."'),
    ("zero_gradient_leaves_parameters_alone", wrong(divides_by_itself), "0 / 0; add an epsilon"),
    ("obeys_the_schedule", wrong(no_factor), "multiply every rate, a decay's too, by context.factor"),
    ("counts_extra_gradients", wrong(uncounted), "5 extra gradients in five steps were counted as 0"),
    ("evaluation_changes_nothing", wrong(evaluation_params=evaluates_on_params), "changes the training"),
    (
        "declares_all_iterates",
        wrong(averages, evaluation_params=lambda self, params, state: state["average"], **AVERAGE),
        "declare each vector of the state that weights are made of",
    ),
    (
        "declares_all_iterates",
        wrong(iterates=lambda self, params, state: [params.copy()]),
        "iterates leaves params out",
    ),
    ("permuted_units", wrong(first_row_slowly), "permuted units .* by 0.* treat all units of a tensor alike"),
    ("permuted_units", wrong(noisy_first_row), "permuted units .* otherwise"),
    ("renamed_tensors", wrong(biases_by_name), "renamed tensors .* by role, part and shape, not by name"),
    ("renamed_tensors", wrong(invariances=claims("scales")), "invariances\\(\\) names 'scales': did you mean 'scale'"),
    ("reordered_tensors", wrong(last_tensor_slowly), "reordered tensors .* a tensor's place from tensor.slice"),
    ("scaled_loss", wrong(halfway_to_signs, invariances=claims("scale")), 'or do not claim "scale"'),
    ("turned_matrices", wrong(signs, invariances=claims("rotation")), 'or do not claim "rotation"'),
    ("descends_on_quadratic", wrong(ascends), "does not descend on the quadratic.*is the sign right"),
    ("descends_on_rosenbrock", wrong(ascends), "does not descend on Rosenbrock's function"),
    ("descends_on_matrix", wrong(shuffles), "does not descend on least squares of a 6x4 matrix"),
    ("descends_on_mixed_shapes", wrong(shuffles), "does not descend on tensors of mixed shapes"),
    (
        "general_equals_its_special_cases",
        wrong(lambda self, w, g, s, c: SGD.step(self, w, 2 * g, s, c), special_cases=(("sgd", {}),)),
        "it should be sgd, but after 20 steps they are .* apart",
    ),
    (
        "trains_in_a_stack",
        wrong(holds_the_first, init=lambda self, w, layout: {"params": w}),
        "a network in a stack has other weights than alone",
    ),
]


@pytest.fixture(autouse=True)
def _fresh():
    SEEN.update(count=0, velocity=None)
    SHARED.clear()


@pytest.mark.parametrize(("check", "component", "message"), WRONG, ids=[f"{c}-{n}" for n, (c, *_) in enumerate(WRONG)])
def test_a_wrong_component_fails_and_is_told_what_to_change(check, component, message):
    with pytest.raises(CheckFailed, match=f"(?s){message}"):
        getattr(testing, f"check_{check}")(component)


def test_every_check_is_proved():
    claiming = wrong(special_cases=(("sgd", {}),), invariances=claims("scale", "rotation"))
    names = {check.__name__ for check in checks_for(claiming)}
    assert {f"check_{check}" for check, *_ in WRONG} == names


def test_what_is_not_wrong_passes():
    """The class that all wrong ones are made of is right: they fail for what they change only."""
    right = wrong(special_cases=(("sgd", {}),), invariances=claims("rotation"))
    for check in checks_for(right):
        check(right)


def test_what_is_not_claimed_is_not_checked():
    names = {check.__name__ for check in checks_for(wrong(signs, invariances=claims("scale")))}
    assert "check_scaled_loss" in names
    assert "check_turned_matrices" not in names


def test_a_declared_reason_excuses_motion_without_a_gradient():
    testing.check_zero_gradient_leaves_parameters_alone(wrong(pulls, moves_without_gradient="a pull to 0"))


def test_a_decay_excuses_itself():
    def step(self, w, g, s, c):
        w -= self.lr * c.factor * (g + self.weight_decay * w)

    decayed = wrong(step, fields={"weight_decay": float}, weight_decay=hyper(0.1, valid="[0, 1]"))
    testing.check_zero_gradient_leaves_parameters_alone(decayed)


def test_special_cases_may_name_the_field_within():
    def step(self, w, g, s, c):
        g *= self.factor
        self.inner.step(w, g, s, c)

    members = {"fields": {"factor": float, "inner": Optimizer}, "factor": hyper(2.0), "inner": SGD()}
    testing.check_general_equals_its_special_cases(wrong(step, special_cases=(("inner", {"factor": 1.0}),), **members))
    with pytest.raises(CheckFailed, match="it should be sgd"):
        testing.check_general_equals_its_special_cases(
            wrong(step, special_cases=(("inner", {"factor": 3.0}),), **members)
        )
