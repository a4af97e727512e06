"""What the families share: how their contenders are made. Peers are imported when they are wanted, not before."""

from collections.abc import Callable

from peers.timing import Contender
from peers.work import Ours, Work

Maker = Callable[[], Contender]


def ours(work: Work) -> Maker:
    return lambda: Ours(work.training())


def torch_default(work: Work) -> Maker:
    def make() -> Contender:
        from peers.in_torch import Torch

        return Torch(work, fused=False)

    return make


def torch_fused(work: Work, **settings: bool) -> Maker:
    def make() -> Contender:
        from peers.in_torch import Torch

        return Torch(work, fused=True, **settings)

    return make


def torch_faster(work: Work, pooled_first: bool) -> Maker:
    """Fused Adam, with images in the memory order that is faster; pooling before the activation, or behind it."""

    def make() -> Contender:
        from peers.in_torch import Faster, Torch

        return Faster(
            [Torch(work, fused=True, channels_last=last, pooled_first=pooled_first) for last in (False, True)]
        )

    return make


def jax_jit(work: Work, our_noise: bool = False) -> Maker:
    def make() -> Contender:
        from peers.in_jax import Jit

        return Jit(work, our_noise)

    return make


def jax_stack(work: Work, rates: tuple[float, ...]) -> Maker:
    def make() -> Contender:
        from peers.in_jax import Stack

        return Stack(work, rates)

    return make


def sklearn_fit(work: Work, **settings: bool | int) -> Maker:
    def make() -> Contender:
        from peers.in_sklearn import Fit

        return Fit(work, **settings)  # type: ignore[arg-type]

    return make


def sklearn_partial_fit(work: Work) -> Maker:
    def make() -> Contender:
        from peers.in_sklearn import PartialFit

        return PartialFit(work)

    return make


def one_epoch(work: Work) -> Callable[[], int]:
    return lambda: work.arrays().steps_per_epoch
