"""What a layer owes that a regularizer or a hidden normalizer puts into networks."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Layer, Shape, Wires, flat_buffer, shaped
from optbench.contract.layout import Layout, Tensor
from optbench.testing.base import CheckFailed, expect, made, same
from optbench.testing.gradcheck import THRESHOLD, check_layer
from optbench.testing.watched import watch

__all__ = [
    "check_a_step_is_one_function",
    "check_batch_of_one",
    "check_evaluation_is_deterministic",
    "check_layer_gradient",
    "check_layer_stays_float32",
    "check_layer_survives_huge_and_denormal",
    "check_rows_of_a_stack_are_solo",
]

#: flat features, and images of channels that groups of 1, 2, 4, 8 divide
SHAPES: tuple[Shape, ...] = ((32,), (5, 6, 8))


class Bench:
    """One layer on buffers of its own, as a network would give it: `stack` rows of a batch."""

    def __init__(
        self,
        layer: Layer,
        shape: Shape,
        batch: int = 7,
        rows: tuple[int, ...] = (0,),
        dtype: Any = np.float64,
        seed: int = 0,
        size: float = 1.0,
        log: list[str] | None = None,
    ):
        dtype, stack = np.dtype(dtype), len(rows)
        wrap = (lambda a: a) if log is None else (lambda a: watch(a, log))
        out = tuple(layer.output(shape))
        tensors, offset = [], 0
        for p in layer.parameters(shape):
            tensors.append(Tensor(p.name, p.shape, p.role, p.fan_in, p.fan_out, 0, offset, p.part, p.start))
            offset += tensors[-1].size
        self.layout = Layout(tensors)
        flat, grads = np.zeros((stack, offset), dtype), np.zeros((stack, offset), dtype)
        buffers = {
            name: flat_buffer(stack, batch, prod(s), layer.wide and name == "x", dtype)
            for name, s in {"x": shape, "y": out, "dx": shape, "dy": out}.items()
        }
        x = buffers["x"] if layer.wide else shaped(buffers["x"], shape)
        y, dx, dy = shaped(buffers["y"], out), shaped(buffers["dx"], shape), shaped(buffers["dy"], out)
        for k, row in enumerate(rows):
            rng = np.random.default_rng([seed, row])
            (x[k, ..., :-1] if layer.wide else x[k])[...] = size * rng.normal(size=(batch, *shape))
            dy[k] = rng.normal(size=(batch, *out))
            for tensor in tensors:
                values = 0.3 * rng.normal(size=tensor.size)
                flat[k, tensor.slice] = values + (tensor.role == "scale")
        first = {name: np.asarray(a) for name, a in layer.initial(shape).items()}
        state = {name: np.repeat(a[None].astype(dtype), stack, axis=0) for name, a in first.items()}
        flat, grads = wrap(flat), wrap(grads)
        self.wires = Wires(
            wrap(x), wrap(y), wrap(dx), wrap(dy), flat, grads, self.layout.views(flat), self.layout.views(grads),
            {name: wrap(a) for name, a in state.items()}, {}, [np.random.default_rng([seed, row]) for row in rows],
        )  # fmt: skip
        self.op = layer.op(self.wires)

    def forward(self, training: bool, fresh: bool) -> np.ndarray:
        with np.errstate(all="ignore"):
            self.op.forward(training, fresh)
        return np.array(self.wires.y)

    def backward(self) -> None:
        with np.errstate(all="ignore"):
            self.op.backward()

    def statistics(self) -> list[np.ndarray]:
        return [np.array(a) for a in self.wires.state.values()]


def layers(factory: Any) -> Iterator[tuple[Layer, Shape]]:
    """The factory's layer for each shape that it takes."""
    refusal, count = None, 0
    for shape in SHAPES:
        try:
            made_for = factory.layer(shape)
        except OptbenchError as error:
            refusal = error
            continue
        count += 1
        yield made_for, shape
    if not count:
        raise CheckFailed(f"its layer takes neither 32 features nor images of 5x6 and 8 channels: {refusal}")


def benches(factory: Any, **settings: Any) -> Iterator[Bench]:
    for one, shape in layers(factory):
        yield Bench(one, shape, **settings)


def check_layer_gradient(component: Any) -> None:
    """The backward pass is the derivative of the forward pass, by central differences in float64."""
    for one, shape in layers(made(component)):
        with np.errstate(all="ignore"):
            gap = check_layer(one, shape)
        expect(
            gap < THRESHOLD,
            f"on inputs of shape {shape} the backward pass differs from central differences by {gap:.1e} "
            f"(relative; {THRESHOLD:g} is allowed): correct dx and the gradients of its parameters",
        )


def check_batch_of_one(component: Any) -> None:
    """A single example is trained on and evaluated without NaN."""
    for bench in benches(made(component), batch=1, dtype=np.float32):
        arrays = [bench.forward(True, True), bench.forward(False, False)]
        bench.forward(True, True)
        bench.backward()
        arrays += [np.array(bench.wires.dx), np.array(bench.wires.flat_grads)]
        expect(
            all(np.isfinite(a).all() for a in arrays),
            "a mini-batch of one example gives NaN or infinity: its variance is 0; add an epsilon under the root",
        )


def check_evaluation_is_deterministic(component: Any) -> None:
    """Evaluation draws nothing, changes no running statistics, and gives the same outputs again."""
    for bench in benches(made(component)):
        bench.forward(True, True)
        before, generator = bench.statistics(), str(bench.wires.rngs[0].bit_generator.state)
        first, again = bench.forward(False, False), bench.forward(False, False)
        expect(
            same(first, again) and generator == str(bench.wires.rngs[0].bit_generator.state),
            "two evaluations of the same inputs differ, or draw numbers: chance is for training only "
            "(`if not training: ...`)",
        )
        expect(
            all(same(a, b) for a, b in zip(before, bench.statistics(), strict=True)),
            "an evaluation changes running statistics: update them in a fresh training pass only",
        )


def check_a_step_is_one_function(component: Any) -> None:
    """A pass that is not fresh keeps the masks of the step, and running statistics as they are."""
    for bench in benches(made(component)):
        first, before = bench.forward(True, True), bench.statistics()
        again = bench.forward(True, False)
        expect(
            same(first, again),
            "a training pass with fresh=False gives other outputs: draw masks only where `fresh`, and keep them in "
            "wires.memory",
        )
        expect(
            all(same(a, b) for a, b in zip(before, bench.statistics(), strict=True)),
            "a training pass with fresh=False changes running statistics: update them only where `fresh`",
        )


def check_rows_of_a_stack_are_solo(component: Any) -> None:
    """Each row of a stack has the bits that it has alone."""
    for one, shape in layers(made(component)):
        for training in (True, False):
            together = Bench(one, shape, rows=(0, 1, 2))
            together.forward(True, True)
            outputs = together.forward(training, training)
            for k in range(3):
                solo = Bench(one, shape, rows=(k,))
                solo.forward(True, True)
                expect(
                    same(outputs[k], solo.forward(training, training)[0]),
                    "a row of a stack differs from the same network alone: work on trailing axes, and draw each row "
                    "from its own generator (wires.rngs[k])",
                )


def check_layer_stays_float32(component: Any) -> None:
    """No arithmetic of its passes turns to float64 where the network is float32."""
    log: list[str] = []
    for bench in benches(made(component), dtype=np.float32, log=log):
        bench.forward(True, True)
        bench.backward()
        bench.forward(False, False)
    expect(not log, f"computes in float64: {log and log[0]}; make the scalar a Python float, float(...)")


def check_layer_survives_huge_and_denormal(component: Any) -> None:
    """Activations of 0, 1e-40 and 1e15 give finite outputs and gradients in float32."""
    for size in (0.0, 1e-40, 1e15):
        for bench in benches(made(component), dtype=np.float32, size=size):
            arrays = [bench.forward(True, True)]
            bench.backward()
            arrays += [np.array(bench.wires.dx), np.array(bench.wires.flat_grads), bench.forward(False, False)]
            expect(
                all(np.isfinite(a).all() for a in arrays),
                f"activations of the size {size:g} give NaN or infinity: add an epsilon to what you divide by",
            )
