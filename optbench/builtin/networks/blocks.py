"""What networks of residual blocks over positions share: transformers, and the MLP mixer."""

from collections.abc import Sequence
from dataclasses import dataclass

from optbench.builtin.networks.hidden import check_activation
from optbench.contract.architecture import Architecture, Extras
from optbench.contract.hyperparameters import ComponentError, hyper
from optbench.contract.layer import Layer
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.attention import SelfAttention
from optbench.nn.dense import Dense
from optbench.nn.layer_norm import LayerNorm
from optbench.nn.residual import Residual


def normalizers(units: int, extras: Extras) -> list[Layer]:
    """The candidate's own, or layer norm."""
    return extras.before_activation((units,)) or [LayerNorm()]


def feed_forward(units: int, hidden: int, activation: str, extras: Extras) -> list[Layer]:
    """g(x W + b) V + c, and what drops out of it."""
    return [Dense(hidden), ACTIVATIONS[activation](), Dense(units), *extras.after_activation((units,))]


def check_patch(where: str, shape: Sequence[int], patch: int, instead: str) -> None:
    """Raise `ComponentError` unless squares of `patch` tile images of this shape."""
    if len(shape) != 3:
        raise ComponentError(
            f"network {where} needs images (height, width, channels), but the inputs have shape {tuple(shape)}; "
            f"for flat features take network {instead}"
        )
    height, width = shape[:2]
    if height % patch or width % patch:
        fit = [n for n in range(1, min(height, width) + 1) if height % n == width % n == 0]
        raise ComponentError(
            f"network {where}: patch = {patch} does not tile images of {height}x{width}; "
            f"take one of {', '.join(map(str, fit))}"
        )


@dataclass(frozen=True)
class AttentionNetwork(Architecture):
    """What all transformers have in common: blocks of attention and of a feed-forward network.

    With norm "pre", x <- x + f(norm(x)) for both, and a norm behind the last block; with "post", x <- norm(x + f(x)).
    """

    depth: int = hyper(2, valid="[1, inf)", help="blocks, each of attention and a feed-forward network")
    width: int = hyper(32, valid="[1, inf)", help="units of a position between blocks")
    heads: int = hyper(4, valid="[1, inf)", help="of each attention; they divide the width")
    factor: int = hyper(4, valid="[1, inf)", help="hidden units of the feed-forward network, in widths")
    activation: str = hyper("gelu_tanh", help="of the feed-forward network")
    norm: str = hyper("pre", scale="choice", choices=("pre", "post"), help="before each part of a block, or behind it")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_activation(f"network {self.name}: activation", self.activation)
        if self.width % self.heads:
            fit = [n for n in range(1, self.width + 1) if self.width % n == 0]
            raise ComponentError(
                f"network {self.name}: heads = {self.heads} does not divide width = {self.width}; "
                f"take one of {', '.join(map(str, fit))}"
            )

    def blocks(self, positions: int, extras: Extras, causal: bool = False) -> list[Layer]:
        """All blocks, with dropout in front of the first, on the weights of attention, and behind each part."""
        features = (self.width,)
        layers = extras.after_activation(features)
        for _ in range(self.depth):
            for part in ("attention", "feed-forward"):
                before = normalizers(self.width, extras) if self.norm == "pre" else []
                if part == "attention":
                    weights = extras.after_activation((positions,))
                    body = [SelfAttention(self.heads, causal, tuple(weights)), *extras.after_activation(features)]
                else:
                    body = feed_forward(self.width, self.factor * self.width, self.activation, extras)
                layers.append(Residual((*before, *body)))
                layers += normalizers(self.width, extras) if self.norm == "post" else []
        return [*layers, *(normalizers(self.width, extras) if self.norm == "pre" else [])]
