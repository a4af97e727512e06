"""The path of torch's optimizers on the problem of the optimizers' tests, beside which ours is put."""

import math
from contextlib import contextmanager

import numpy as np
import pytest

from optbench.contract.layout import Layout, Tensor


@contextmanager
def in_float64():
    """torch; some keep their scalars in its default dtype: float32 would allow 1e-8 at best."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


def layout(shapes):
    tensors, offset = [], 0
    for k, shape in enumerate(shapes):
        tensors.append(Tensor(f"t{k}", shape, "weight" if len(shape) > 1 else "bias", 1, 1, k, offset))
        offset += math.prod(shape)
    return Layout(tensors)


def beside(problem, shapes, make, steps=300, call=None, full_batch=False, transposed=False, evaluated=False):
    """The path of torch's optimizer `make(tensors)`, which `call(peer, closure)` steps.

    transposed   torch's matrices are outputs x inputs
    evaluated    the path of the parameters that the peer's `eval` sets
    """
    import torch  # takes seconds

    turn = (lambda t: t.T) if transposed else (lambda t: t)
    places = [t.slice for t in layout(shapes)]
    tensors = []
    for place, shape in zip(places, shapes, strict=True):
        value = torch.from_numpy(problem.start[place].reshape(shape).copy())
        tensors.append(turn(value).contiguous().requires_grad_())
    peer, rows = make(tensors), []

    def now():
        return np.concatenate([turn(t.detach()).contiguous().numpy().reshape(-1) for t in tensors])

    for step in range(steps):
        batch = 0 if full_batch else step

        def closure(batch=batch):
            g = problem.gradient(now(), batch)
            for t, place, shape in zip(tensors, places, shapes, strict=True):
                t.grad = turn(torch.from_numpy(g[place].reshape(shape).copy())).contiguous()
            return torch.tensor(problem.loss(now(), batch))

        if call is None:
            closure()
            peer.step()
        else:
            call(peer, closure)
        if evaluated:
            peer.eval()
        rows.append(now())
        if evaluated:
            peer.train()
    return np.array(rows)


def close(ours, theirs, tolerance=1e-10):
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()
    assert np.abs(theirs[-1] - theirs[0]).max() > 0.01
