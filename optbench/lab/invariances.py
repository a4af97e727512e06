"""Whether an optimizer's path is the same where nothing but names, places or units has changed.

A network is the same function when its hidden units change places; so should its training be. The optimizer is given
a network's gradient field in other coordinates, and its path is taken back and compared, step by step. Since the field
itself is computed in one place only, whatever differs is the optimizer's, but for rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from optbench.contract.components import Optimizer
from optbench.contract.context import Context, Progress
from optbench.contract.layout import Layout, Tensor
from optbench.lab.alike import Alike
from optbench.lab.field import TENSORS, UNITS, field

STEPS = 24
#: of the way gone: above it a path has changed. Rounding errors of 1e-16 grow along the way, most in L-BFGS.
ROUNDING = 1e-6
#: the same for a loss of another scale: an eps beside the gradient may show, where it is small
EPS = 1e-3
#: of a start: a path that such an error grows along (L-BFGS without a line search) is not asked for more
ROUNDING_ERROR = 1e-14
FACTOR = 2.0**10

Word = Literal["holds", "but for eps", "but for draws", "rounding", "random", "changes", "not claimed"]


@dataclass(frozen=True)
class Case:
    """A change that leaves training as it is.

    to, back   vectors (size,) in the changed coordinates, and back
    factor     on the loss
    claim      what `Optimizer.invariances` must name for this to be asked; empty: it is asked of all
    """

    name: str
    layout: Layout
    to: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    factor: float = 1.0
    claim: str = ""
    tolerance: float = ROUNDING


@dataclass(frozen=True)
class Invariance:
    """What became of a path.

    difference   the largest of any coordinate at any step, as a share of the longest way that one has gone; NaN where
                 it was not compared
    word         holds
                 but for eps: from `FACTOR` times the loss on it holds
                 but for draws: it draws numbers, of which other places get others, and holds if all get the same
                 rounding: it changes no earlier than by a rounding error of the start, which some methods magnify
                 random: that cannot be told apart, since places are what it draws
                 changes
                 not claimed
    """

    case: str
    difference: float
    word: Word


def invariances(optimizer: Optimizer) -> list[Invariance]:
    """All cases, in their order; what the optimizer raises is raised."""
    path, drew = trained(optimizer, same())
    return [compared(optimizer, case, path, drew) for case in cases().values()]


def invariance(optimizer: Optimizer, name: str) -> Invariance:
    """One case by its name."""
    return compared(optimizer, cases()[name], *trained(optimizer, same()))


def compared(optimizer: Optimizer, case: Case, path: np.ndarray, drew: bool) -> Invariance:
    """The case beside the path of the field as it is."""
    if case.claim and case.claim not in optimizer.invariances():
        return Invariance(case.name, np.nan, "not claimed")
    other, _ = trained(optimizer, case)
    gap = difference(path, other)
    if gap <= case.tolerance:
        return Invariance(case.name, gap, "holds")
    if case.factor != 1:
        beyond, _ = trained(optimizer, replace(case, factor=case.factor**2))
        return Invariance(case.name, gap, "but for eps" if difference(other, beyond) <= case.tolerance else "changes")
    if drew:
        return Invariance(case.name, gap, _drawn(optimizer, case))
    rows = steady(optimizer, path, case.tolerance)
    earlier = difference(path[:rows], other[:rows]) > case.tolerance
    return Invariance(case.name, gap, "changes" if earlier else "rounding")


def _drawn(optimizer: Optimizer, case: Case) -> Word:
    """The word where places or names may have got other draws: what comes of it if all draw the same."""
    rngs = Alike(), Alike()
    path, other = (trained(optimizer, one, rng)[0] for one, rng in zip((same(), case), rngs, strict=True))
    if any(rng.hidden for rng in rngs):
        return "random"
    return "but for draws" if difference(path, other) <= case.tolerance else "changes"


def difference(path: np.ndarray, other: np.ndarray) -> float:
    """max |other - path| / max |path - its start|; infinite where one alone is finite, or moves alone."""
    finite = np.isfinite(path).all(axis=1)
    if not np.array_equal(finite, np.isfinite(other).all(axis=1)):
        return np.inf
    path, other = path[finite], other[finite]
    gap, way = float(np.abs(other - path).max()), float(np.abs(path - path[0]).max())
    return gap / way if way > 0 else (np.inf if gap > 0 else 0.0)


def steady(optimizer: Optimizer, path: np.ndarray, tolerance: float) -> int:
    """The first rows of a path that another one keeps to, whose start has a rounding error."""
    shaken = trained(optimizer, same(), shake=ROUNDING_ERROR)[0]
    rows = len(path)
    while rows > 1 and difference(path[:rows], shaken[:rows]) > tolerance:
        rows -= 1
    return rows


def trained(
    optimizer: Optimizer, case: Case, rng: np.random.Generator | None = None, shake: float = 0.0
) -> tuple[np.ndarray, bool]:
    """(path, drew) of a training: where it was, and whether the optimizer drew numbers.

    path    (steps + 1, 2 size): the parameters and those to evaluate, in the field's own coordinates
    rng     what it is given; None: a generator that is the same each time
    shake   the relative error of the start
    """
    whole, step = field(), 0
    params = case.to(whole.start) * (1 + shake)
    grads, buffer, loss = np.zeros_like(params), np.zeros_like(params), 0.0

    def gradient(at: np.ndarray, out: np.ndarray | None = None) -> tuple[float, np.ndarray]:
        out = buffer if out is None else out
        value, found = whole(step, case.back(at))
        np.multiply(case.to(found), case.factor, out=out)
        return value * case.factor, out

    plain = np.random.default_rng(0)
    context = Context(case.layout, Progress(0, STEPS, 4), rng or plain, lambda: loss, gradient)
    before = plain.bit_generator.state
    path = []

    def note(*vectors: np.ndarray) -> None:
        path.append(np.concatenate([case.back(vector) for vector in vectors]))

    with np.errstate(all="ignore"):
        note(params, params)
        state = optimizer.init(params, case.layout)
        for step in range(STEPS):
            context.progress.step = step
            loss, _ = gradient(params, grads)
            optimizer.step(params, grads, state, context)
            note(params, optimizer.evaluation_params(params, state))
    return np.array(path), plain.bit_generator.state != before


@cache
def same() -> Case:
    """Nothing changed."""
    return Case("as it is", field().layout, _as_it_is, _as_it_is)


@cache
def cases() -> dict[str, Case]:
    """All by name."""
    layout, rng = field().layout, np.random.default_rng(3)
    last = len(layout) - 1
    # Names that sort the other way round, and say nothing.
    renamed = Layout([replace(t, name=f"{chr(ord('z') - k)}{last - k}") for k, t in enumerate(layout)])
    found = (
        _indexed("permuted units", layout, _permutation(layout, rng)),
        replace(same(), name="renamed tensors", layout=renamed),
        _indexed("reordered tensors", *_reordered(layout)),
        replace(same(), name="scaled loss", factor=FACTOR, claim="scale", tolerance=EPS),
        _turned(layout, rng),
    )
    return {case.name: case for case in found}


def _as_it_is(vector: np.ndarray) -> np.ndarray:
    return vector


def _indexed(name: str, layout: Layout, places: np.ndarray) -> Case:
    """Coordinates in other places: the changed vector is vector[places]."""
    inverse = np.argsort(places)
    return Case(name, layout, lambda v: v[places], lambda v: v[inverse])


def _permutation(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """Every kind of unit in another order, the same in all tensors."""
    orders = {unit: _moved(count, rng) for unit, count in UNITS.items()}
    places = np.arange(layout.size)
    for tensor, (*_, axes) in zip(layout, TENSORS, strict=True):
        block = places[tensor.slice].reshape(tensor.shape)
        for axis, units in enumerate(axes):
            order = np.concatenate([n * UNITS[unit] + orders[unit] for n, unit in enumerate(units)])
            block = block.take(order, axis=axis)
        places[tensor.slice] = block.ravel()
    return places


def _moved(count: int, rng: np.random.Generator) -> np.ndarray:
    """A permutation that leaves none in its place."""
    while True:
        order = rng.permutation(count)
        if (order != np.arange(count)).all():
            return order


def _reordered(layout: Layout) -> tuple[Layout, np.ndarray]:
    """The last tensor first."""
    tensors: list[Tensor] = []
    places, offset = [], 0
    for tensor in reversed(layout):
        places.append(np.arange(tensor.slice.start, tensor.slice.stop))
        tensors.append(replace(tensor, offset=offset))
        offset += tensor.size
    return Layout(tensors), np.concatenate(places)


def _turned(layout: Layout, rng: np.random.Generator) -> Case:
    """U W V' with random orthogonal U and V for the weight matrices between hidden units."""
    whole = np.eye(layout.size)
    for tensor in layout:
        if tensor.role == "weight" and not tensor.part:
            left, right = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in tensor.shape)
            whole[tensor.slice, tensor.slice] = np.kron(left, right)
    return Case("turned matrices", layout, lambda v: whole @ v, lambda v: v @ whole, claim="rotation")
