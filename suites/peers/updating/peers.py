"""Who updates beside us. Peers are imported when they are wanted, not before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optbench.contract.layout import Layout
from peers.timing import Contender


@dataclass(frozen=True)
class Peer:
    """A contender for a layout, its name in the table, the modules that it needs, and the ratio to reach."""

    title: str
    needs: tuple[str, ...]
    make: Callable[[Layout, bool], Contender]
    reach: float = 1.0


def of_torch(title: str, made: Any, needs: tuple[str, ...] = ("torch",), reach: float = 1.0) -> Peer:
    """`made` as `in_torch.Made`."""

    def make(layout: Layout, curved: bool) -> Contender:
        from peers.updating.in_torch import TorchUpdate

        return TorchUpdate(made, layout, curved, title)

    return Peer(title, needs, make, reach)


def torch(
    name: str,
    *,
    before: Any = None,
    after: Any = None,
    fused: float = 0.0,
    closure: bool = False,
    **settings: Any,
) -> Peer:
    """torch.optim's class of this name, with its defaults for foreach and fused, or fused.

    before   called with the tensors before each step, in the step's time
    after    makes of the tensors what is called after each step, in the step's time
    fused    the ratio to reach against the fused update, if it is that
    closure  its step is given the closure
    """

    def made(tensors: Any, again: Any) -> Any:
        import torch

        step = getattr(torch.optim, name)(tensors, **settings, **({"fused": True} if fused else {})).step
        then = after(tensors) if after else None
        if closure:
            return lambda: step(again)
        if before:
            return lambda: (before(tensors), step())
        return (lambda: (step(), then())) if then else step

    return of_torch(f"torch {name}{', fused' if fused else ''}", made, reach=fused or 1.0)


def library(name: str, closure: bool = False, **settings: Any) -> Peer:
    """pytorch_optimizer's class of this name."""

    def made(tensors: Any, again: Any) -> Any:
        import pytorch_optimizer

        step = getattr(pytorch_optimizer, name)(tensors, **settings).step
        return (lambda: step(again)) if closure else step

    return of_torch(f"pytorch_optimizer {name}", made, ("torch", "pytorch_optimizer"))


def optax(name: str, **settings: Any) -> Peer:
    """optax's transform of this name, jitted."""

    def make(layout: Layout, curved: bool) -> Contender:
        from peers.updating.in_optax import OptaxUpdate

        return OptaxUpdate(name, settings, layout)

    return Peer(f"optax {name}, jit", ("jax", "optax"), make)
