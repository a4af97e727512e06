"""The latent variables of a variational autoencoder."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from optbench.contract.errors import OptbenchError
from optbench.contract.layer import Calls, Layer, Op, ReadyOp, Shape, Wires, memory

#: that the noise of evaluations is drawn from
EVALUATION_SEED = 0


@dataclass(frozen=True)
class GaussianLatent(Layer):
    """y = mu + exp(s / 2) e, e ~ N(0, I), with mu the first and s the second half of the inputs.

    It adds to the loss how far N(mu, exp(s)) is from N(0, I), for each example and weighted by `beta`:

        beta KL = beta/2 sum of mu^2 + exp(s) - 1 - s

    With a reconstruction's cross-entropy and beta = 1 the loss is the negative of the evidence lower bound (ELBO). The
    noise e holds through a step, for extra gradient evaluations too. In evaluations it is the same for all parameters
    and all trials, an example's by its place among those evaluated together: the bound with one draw an example.
    (Kingma and Welling 2014, Auto-encoding variational Bayes; beta: Higgins et al. 2017.)
    """

    beta: float = 1.0
    reads_output = False

    def output(self, shape: Shape) -> Shape:
        if len(shape) != 1 or shape[0] % 2:
            raise OptbenchError(f"latent variables need a mean and a log variance each, got features of shape {shape}")
        return (shape[0] // 2,)

    def op(self, wires: Wires) -> Op:
        return GaussianLatentOp(wires, self.beta)


class GaussianLatentOp(ReadyOp):
    def __init__(self, wires: Wires, beta: float):
        super().__init__(wires)
        x, y = memory(wires.x), memory(wires.y)
        dtype, units = y.dtype, y.shape[1]
        self.beta, self.batch, self.units = beta, y.shape[2], units
        self.mean, self.log_variance = x[:, :units], x[:, units:]
        if "noise" not in wires.memory:
            wires.memory["noise"] = np.zeros(y.shape, dtype)
        self.noise = wires.memory["noise"]
        self.still: np.ndarray | None = None
        spread, self.off = np.zeros(y.shape, dtype), np.zeros(y.shape, dtype)
        half = np.array(0.5, dtype)
        self.spread: Calls = [
            partial(np.multiply, self.log_variance, half, spread),
            partial(np.exp, spread, spread),
        ]
        self.drawn: Calls = self._with(self.noise, spread, y)
        self.sizes = spread, y
        self.back: Calls = []
        if wires.dx is None or wires.dy is None:
            return
        dx, dy = memory(wires.dx), memory(wires.dy)
        share = np.array(beta / self.batch, dtype)
        by_mean, by_log, work = dx[:, :units], dx[:, units:], np.zeros(y.shape, dtype)
        self.back = [
            partial(np.multiply, self.mean, share, by_mean),
            partial(np.add, by_mean, dy, by_mean),
            # 1/2 (dy spread e + share (spread^2 - 1))
            partial(np.multiply, spread, spread, by_log),
            partial(np.subtract, by_log, np.array(1, dtype), by_log),
            partial(np.multiply, by_log, share, by_log),
            partial(np.multiply, dy, self.off, work),
            partial(np.add, by_log, work, by_log),
            partial(np.multiply, by_log, half, by_log),
        ]

    def _with(self, noise: np.ndarray, spread: np.ndarray, y: np.ndarray) -> Calls:
        return [partial(np.multiply, spread, noise, self.off), partial(np.add, self.mean, self.off, y)]

    def _draw(self) -> None:
        # Row by row, each from its own generator: a row of a stack draws what it would draw alone.
        for row, rng in zip(self.noise, self.wires.rngs, strict=True):
            rng.standard_normal(dtype=row.dtype, out=row)

    def _still(self) -> np.ndarray:
        """The noise of evaluations, (units, batch): an example's does not depend on how many there are."""
        if self.still is None:
            drawn = np.random.default_rng(EVALUATION_SEED).standard_normal((self.batch, self.units))
            self.still = np.ascontiguousarray(drawn.T).astype(self.off.dtype)
        return self.still

    def forward_calls(self, training: bool, fresh: bool) -> Calls:
        if not training:
            return [*self.spread, *self._with(self._still(), *self.sizes)]
        return [*([self._draw] if fresh else []), *self.spread, *self.drawn]

    def backward_calls(self) -> Calls:
        return self.back

    def added_loss(self) -> np.ndarray:
        # In float64: a variance that is far off overflows float32 long before its logarithm does.
        mean, log = (half.astype(np.float64) for half in (self.mean, self.log_variance))
        away = np.square(mean) + np.expm1(log) - log
        return 0.5 * self.beta / self.batch * away.reshape(len(away), -1).sum(axis=1)
