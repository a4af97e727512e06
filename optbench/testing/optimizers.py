"""What an optimizer owes the trainer: in place, in its dtype, with a state that can be put away."""

import dataclasses
import warnings
from typing import Any

import numpy as np

from optbench.contract.components import Component, Optimizer
from optbench.contract.errors import OptbenchError
from optbench.contract.layout import Layout
from optbench.testing.base import CheckFailed, expect, leaves, made, same, settings_of, tree_map, with_setting
from optbench.testing.checkpoints import checkpointed
from optbench.testing.drive import MIXED, Drive, noisy, start, straight
from optbench.testing.watched import watch

__all__ = [
    "check_counts_extra_gradients",
    "check_declares_all_iterates",
    "check_evaluation_changes_nothing",
    "check_float32_stays_float32",
    "check_keeps_no_buffers",
    "check_leaves_its_surroundings_alone",
    "check_obeys_the_schedule",
    "check_state_checkpoints",
    "check_state_is_its_own",
    "check_survives_empty_and_scalar",
    "check_survives_huge_and_denormal",
    "check_survives_infinite_gradients",
    "check_trainings_share_nothing",
    "check_updates_in_place",
    "check_zero_gradient_leaves_parameters_alone",
]

#: layouts of few numbers, or of none
SMALL = {
    "no parameters": Layout.of({"w": (0,)}),
    "a scalar": Layout.of({"w": ()}),
    "one number": Layout.of({"w": (1,)}),
    "a 1x1 matrix": Layout.of({"w": (1, 1)}),
    "an empty tensor beside others": Layout.of({"a": (3, 2), "b": (0, 4), "c": (2,)}),
}


def check_updates_in_place(component: Any) -> None:
    """`step` changes the vector it is given, and returns nothing."""
    drive = Drive(made(component))
    before, result = drive.params.copy(), None
    for step in range(3):
        result = drive.step(step)
    expect(result is None, f"step returned {type(result).__name__}: update params in place and return nothing")
    expect(
        not same(before, drive.params),
        "three steps left params as they were: write `params -= ...`; `params = params - ...` only makes another "
        "array, which nobody sees",
    )


def check_leaves_its_surroundings_alone(component: Any) -> None:
    """It writes to `params`, `grads` and `state` only: not to its settings, the context or other rows."""
    one = made(component)
    settings = one.settings()
    matrix = np.stack([start(MIXED)] * 3)
    drive = Drive(one, matrix[1], factor=0.5)
    expect(same(matrix[1], matrix[0]), "init changed params: it only makes the state")
    others, progress, layout = matrix[[0, 2]].copy(), drive.context.progress, list(MIXED)
    for step in range(4):
        drive.step(step)
        progress.step = step
        expect(drive.context.factor == 0.5, "step changed context.factor: the schedule owns it")
        found = (drive.context.progress is progress, progress.total_steps, progress.steps_per_epoch)
        expect(found == (True, 20, 5), "step changed context.progress: the trainer owns it")
    expect(same(matrix[[0, 2]], others), "step wrote beyond its own params: to other rows of the stack")
    expect(list(MIXED) == layout, "step changed the layout")
    expect(
        one.settings() == settings,
        f"step changed its own settings from {settings} to {one.settings()}: what changes in training "
        "belongs into the state",
    )


def check_keeps_no_buffers(component: Any) -> None:
    """`grads`, and what `context.gradient` returns, are buffers that the next step overwrites."""
    clean, poisoned = Drive(made(component)).go(6), Drive(made(component))
    for step in range(6):
        poisoned.step(step)
        poisoned.grads[...] = np.nan
        poisoned.buffer[...] = np.nan
    for path, value in leaves(poisoned.state):
        if isinstance(value, np.ndarray):
            shared = np.shares_memory(value, poisoned.grads) or np.shares_memory(value, poisoned.buffer)
            expect(not shared, f"{path} is the gradient's buffer, which the next step overwrites: keep grads.copy()")
    expect(
        same(clean.params, poisoned.params),
        "the training depends on a gradient buffer of an earlier step: copy what must stay (grads.copy())",
    )


def check_float32_stays_float32(component: Any) -> None:
    """No arithmetic turns to float64 where the parameters are float32."""
    one, log = made(component), []  # type: ignore[var-annotated]
    drive = Drive(one, dtype=np.float32)
    for path, value in leaves(drive.state):
        if isinstance(value, np.ndarray):
            expect(
                value.dtype != np.float64,
                f"{path} is float64 though params is float32: make it with np.zeros_like(params)",
            )
    drive.state = tree_map(lambda a: watch(a, log), drive.state)
    drive.params, drive.grads = watch(drive.params, log), watch(drive.grads, log)
    drive.buffer = watch(drive.buffer, log)
    drive.go(4)
    expect(not log, f"computes in float64: {log and log[0]}; make the scalar a Python float, float(...)")
    for path, value in leaves(drive.state):
        if isinstance(value, np.ndarray):
            expect(value.dtype != np.float64, f"after some steps {path} is float64 though params is float32")
    with np.errstate(all="ignore"):
        dtype = one.evaluation_params(drive.params, drive.state).dtype
    expect(dtype == np.float32, f"evaluation_params gives {dtype} where params is float32")


def check_survives_empty_and_scalar(component: Any) -> None:
    """Vectors of no number or of one, and tensors of any shape, are trained like others."""
    for words, layout in SMALL.items():
        one = made(component)
        try:
            with warnings.catch_warnings():
                # Means of nothing are NaN with a warning, which is harmless where nothing is made of them.
                warnings.simplefilter("ignore", RuntimeWarning)
                drive = Drive(one, layout=layout).go(3)
        except Exception as error:
            raise CheckFailed(
                f"on {words} it raises {type(error).__name__}: {error}; a reduction of nothing needs a start "
                "(np.max(..., initial=0.0)), a matrix method a way for other shapes"
            ) from error
        expect(
            np.isfinite(drive.params).all(),
            f"on {words} params become NaN or infinite: the spread or norm that you divide by is 0; add an epsilon",
        )


def check_survives_huge_and_denormal(component: Any) -> None:
    """Gradients of 1e15 (whose squares float32 holds), 1e-25 (whose squares are 0) and 1e-40 give finite steps."""
    signs = np.sign(start(MIXED))
    for size in (1e15, 1e-25, 1e-40):
        drive = Drive(made(component), problem=straight(size * signs), dtype=np.float32).go(3)
        expect(
            np.isfinite(drive.params).all(),
            f"gradients of {size:g} made params not finite within three float32 steps: keep from dividing by 0 "
            "(add an epsilon outside of the root) and from overflow (scale before you square)",
        )


def check_survives_infinite_gradients(component: Any) -> None:
    """A run that diverges is a result: infinite or NaN gradients must not raise."""
    for value in (np.inf, np.nan):
        gradient = np.full(MIXED.size, value)
        drive = Drive(made(component), problem=straight(gradient), dtype=np.float32)
        try:
            drive.go(3)
        except Exception as error:
            raise CheckFailed(
                f"gradients of {value} raise {type(error).__name__}: {error}; a diverging run must go on with "
                "infinite or NaN params, so that it counts as diverged and not as an error"
            ) from error


def check_state_checkpoints(component: Any) -> None:
    """After save, a file, and load into other memory, training goes on with the same bits."""
    one = made(component)
    whole = Drive(one).go(6)
    saved = one.save(whole.state)
    try:
        restored = checkpointed(saved)
    except OptbenchError as error:
        raise CheckFailed(f"the state cannot be saved: {error}") from error
    resumed = Drive(one, whole.params.copy())
    resumed.context.rng.bit_generator.state = whole.context.rng.bit_generator.state
    with np.errstate(all="ignore"):
        resumed.state = one.load(restored, resumed.params, MIXED)
    whole.go(6, first=6)
    resumed.go(6, first=6)
    hint = (
        "everything that changes in training must be in the state, as arrays, numbers or texts; views of params "
        "must be made again in load"
    )
    expect(same(whole.params, resumed.params), f"a resumed training differs from one that was not stopped: {hint}")
    expect(same(whole.evaluated, resumed.evaluated), f"evaluation_params differs after a checkpoint: {hint}")


def check_state_is_its_own(component: Any) -> None:
    """No array of a state is params itself, or another training's."""
    one = made(component)
    first, second = Drive(one), Drive(one, start(MIXED))
    arrays = [(path, a) for path, a in leaves(first.state) if isinstance(a, np.ndarray)]
    for path, array in arrays:
        expect(
            not np.shares_memory(array, first.params),
            f"{path} is params itself, which every step changes: keep params.copy()",
        )
        for _, other in leaves(second.state):
            shared = isinstance(other, np.ndarray) and np.shares_memory(array, other)
            expect(not shared, f"two trainings share {path}: make new arrays in init")


def check_trainings_share_nothing(component: Any) -> None:
    """Two trainings that take turns give the bits that each gives alone."""
    one, other = made(component), made(component)
    alone = [Drive(one, start(MIXED, seed=k), problem=noisy(MIXED, k), seed=k).go(6).params for k in (1, 2)]
    # The same component, and an equal one: both hold settings only.
    for second in (one, other):
        pair = [
            Drive(c, start(MIXED, seed=k), problem=noisy(MIXED, k), seed=k) for c, k in ((one, 1), (second, 2))
        ]
        for step in range(6):
            for drive in pair:
                drive.step(step)
        for drive, params in zip(pair, alone, strict=True):
            expect(
                same(drive.params, params),
                "two trainings that take turns change each other: keep nothing on the component, its class or "
                "the module; what changes belongs into the state",
            )


def check_zero_gradient_leaves_parameters_alone(component: Any) -> None:
    """Without a gradient nothing moves but what a decay moves, or the class says why in `moves_without_gradient`."""
    one = made(component)
    if _moved(one) == 0:
        return
    without = one
    for path, spec, value in settings_of(one):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        valid = spec is None or spec.valid is None or 0 in spec.valid
        if "decay" in path[-1] and number and valid:
            without = with_setting(without, path, type(value)(0))
    moved = _moved(without)
    expect(not np.isnan(moved), "a gradient of 0 makes params NaN: 0 / 0; add an epsilon to the divisor")
    expect(
        moved == 0 or getattr(one, "moves_without_gradient", ""),
        f"a gradient of 0 moves params by {moved:g}: leave them, or say why they move in a class attribute, "
        'moves_without_gradient = "..."',
    )


def _moved(optimizer: Optimizer) -> float:
    drive = Drive(optimizer, problem=straight(np.zeros(MIXED.size)))
    before = drive.params.copy()
    return float(np.abs(drive.go(3).params - before).max())


def check_obeys_the_schedule(component: Any) -> None:
    """Every rate is multiplied by `context.factor`: 0 stops, one half makes another path."""
    drive = Drive(made(component), factor=0.0)
    before = drive.params.copy()
    drive.go(3)
    expect(
        same(drive.params, before),
        "params move at a factor of 0: multiply every rate, a decay's too, by context.factor",
    )
    full, half = (Drive(made(component), factor=factor).go(3).params for factor in (1.0, 0.5))
    expect(not same(full, half), "a factor of one half changes nothing: multiply the rate by context.factor")


def check_counts_extra_gradients(component: Any) -> None:
    """Every further gradient is asked for by `context.gradient`, which counts it."""
    drive = Drive(made(component))
    drive.go(5)
    expect(
        drive.context.extra_gradients == drive.evaluations,
        f"{drive.evaluations} extra gradients in five steps were counted as {drive.context.extra_gradients}: ask "
        "for them by context.gradient(at) only, and leave its count alone",
    )


def check_evaluation_changes_nothing(component: Any) -> None:
    """`evaluation_params` and `iterates` may be called at any time: training goes on with the same bits."""
    one = made(component)
    plain, asked = Drive(one).go(6), Drive(one)
    for step in range(6):
        asked.step(step)
        vectors = [one.evaluation_params(asked.params, asked.state), *one.iterates(asked.params, asked.state)]
        for vector in vectors:
            expect(
                isinstance(vector, np.ndarray) and vector.shape == asked.params.shape,
                f"evaluation_params and iterates give vectors of params' shape {asked.params.shape}, "
                f"got {getattr(vector, 'shape', vector)!r}",
            )
    expect(
        same(plain.params, asked.params),
        "evaluation_params or iterates changes the training: return another array, and leave params and state",
    )


def check_declares_all_iterates(component: Any) -> None:
    """Where every vector of `iterates` is kept in a box, what is evaluated stays in it."""
    one, bound = made(component), 0.05
    drive = Drive(one)
    for step in range(-1, 12):
        if step >= 0:
            drive.go(1, first=step)
        iterates = one.iterates(drive.params, drive.state)
        expect(
            any(np.shares_memory(vector, drive.params) for vector in iterates) or not drive.params.size,
            "iterates leaves params out: return [params, ...], the vectors themselves and no copies",
        )
        for vector in iterates:
            np.clip(vector, -bound, bound, out=vector)
    largest = float(np.abs(drive.evaluated).max())
    expect(
        largest <= bound * (1 + 1e-6),
        f"a constraint of {bound} on every vector of iterates leaves evaluated weights of {largest:.3g}: declare each "
        "vector of the state that weights are made of, iterates(...) -> [params, state['average'], ...]",
    )


def has_field(component: Any, name: str) -> bool:
    """Whether it has this field with a component in it."""
    return dataclasses.is_dataclass(component) and isinstance(getattr(component, name, None), Component)
