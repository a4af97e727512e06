"""The output of a network by hand: an activation of its own, or one that its loss applies."""

from optbench.contract import arguments
from optbench.contract.errors import OptbenchError, near
from optbench.contract.layer import Layer
from optbench.nn.activations import ACTIVATIONS
from optbench.nn.losses import LOSSES, Loss

#: losses of logits, by the output that they apply themselves
APPLIED = {"softmax": ("softmax_cross_entropy",), "sigmoid": ("binary_cross_entropy", "reconstruction_cross_entropy")}
SQUARED = "mean_squared_error"


def output_of(activation: str, loss: str | None) -> tuple[list[Layer], type[Loss]]:
    """The layers behind the last product, and the loss of what they give.

    Raises `OptbenchError` for a pair that does not fit: a loss of logits applies its output itself, and no other.
    """
    known = [*APPLIED, *ACTIVATIONS]
    if activation not in known:
        raise OptbenchError(f"activations: there is no output {activation!r}; {near(activation, known)}")
    name = APPLIED.get(activation, (SQUARED,))[0] if loss is None else arguments.text("loss", loss)
    if name not in LOSSES:
        raise OptbenchError(f"loss: there is none called {name!r}; {near(name, LOSSES)}")
    if name in APPLIED.get(activation, ()):
        return [], LOSSES[name]
    if name == SQUARED and activation in ACTIVATIONS:
        return ([] if activation == "identity" else [ACTIVATIONS[activation]()]), LOSSES[name]
    wanted = " or ".join(repr(a) for a, losses in APPLIED.items() if name in losses) or "'sigmoid' or 'identity'"
    raise OptbenchError(f"loss: {name} goes with the output {wanted}, not with {activation!r}")
