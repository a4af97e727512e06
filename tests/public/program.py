"""What somebody may write who checks types strictly: mypy reads it beside the installed package, and a test runs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import optbench
from optbench import (
    Architecture,
    Assignment,
    Constraint,
    Context,
    Data,
    Dataset,
    Dense,
    Extras,
    Fit,
    FixedOp,
    Function,
    HiddenNormalizer,
    Initializer,
    InputNormalizer,
    Inputs,
    Layer,
    Layout,
    Measurement,
    Op,
    Optimizer,
    Parameter,
    Penalty,
    PlainLayer,
    Problem,
    Progress,
    Results,
    RMSNorm,
    Run,
    Schedule,
    Shape,
    State,
    Stopping,
    Tanh,
    Trial,
    Wires,
    fit,
    get,
    hookimpl,
    hyper,
    minibatches,
    network,
    sequential,
)  # fmt: skip
from optbench.report import learning_curves, write
from optbench.statistics import Standing, iqm, paired_effect, verdict
from optbench.testing import (
    check_obeys_the_schedule,
    checkpointed,
    checks_for,
    offered,
    parametrize_with_checks,
    registry_of,
    run_checks,
    runs_of,
    training_of,
    trial_of,
)  # fmt: skip


@dataclass(frozen=True)
class Signs(Optimizer):
    """w <- w - lr sign(v),   v <- beta v + (1 - beta) g."""

    name = "typed-signs"
    reference = "Bernstein et al. 2018, signSGD"
    lr: float = hyper(1e-2, low=1e-4, high=1e-1, scale="log", valid="[0, inf)")
    beta: float = hyper(0.9, low=0.5, high=0.99, scale="log1m", valid="[0, 1)")

    def init(self, params: np.ndarray, layout: Layout) -> State:
        return {"v": np.zeros_like(params)}

    def step(self, params: np.ndarray, grads: np.ndarray, state: State, context: Context) -> None:
        state["v"] *= self.beta
        state["v"] += (1 - self.beta) * grads
        params -= (self.lr * context.factor) * np.sign(state["v"])


@dataclass(frozen=True)
class Halving(Schedule):
    """factor = 0.5^epoch."""

    name = "typed-halving"

    def factor(self, progress: Progress) -> float:
        return float(0.5**progress.epoch)


@dataclass(frozen=True)
class Ones(Initializer):
    """w = 1."""

    name = "typed-ones"

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
        return np.ones(shape)


@dataclass(frozen=True)
class Pull(Penalty):
    """J + sum of w^2 / 2, over weights."""

    name = "typed-pull"

    def apply(self, params: np.ndarray, grads: np.ndarray, layout: Layout) -> float:
        mask = layout.mask("weight")
        grads[mask] += params[mask]
        return 0.5 * float(params[mask] @ params[mask])


@dataclass(frozen=True)
class Box(Constraint):
    """|w| <= 1."""

    name = "typed-box"

    def project(self, params: np.ndarray, layout: Layout) -> None:
        np.clip(params, -1.0, 1.0, out=params)


@dataclass(frozen=True)
class Patience(Stopping):
    """Ends at the first rise of the validation loss."""

    name = "typed-patience"

    def stop(self, history: Sequence[Measurement]) -> bool:
        return len(history) > 1 and history[-1].validation_loss > history[-2].validation_loss


@dataclass(frozen=True)
class Centre(InputNormalizer):
    """x <- x - mean."""

    name = "typed-centre"

    def fit(self, x: np.ndarray) -> "Shift":
        return Shift(x.mean(axis=0))


class Shift:
    """What `Centre` fits."""

    def __init__(self, mean: np.ndarray):
        self.mean = mean

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x - self.mean)


@dataclass(frozen=True)
class Rms(HiddenNormalizer):
    """RMS norm."""

    name = "typed-rms"

    def layer(self, features: Shape) -> Layer:
        return RMSNorm(epsilon=1e-3)


@dataclass(frozen=True)
class Shifted(Layer):
    """y = x + b."""

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("b", shape, "bias"),)

    def op(self, wires: Wires) -> Op:
        made = FixedOp(wires)
        made.ahead.append(lambda: np.add(wires.x, wires.params["b"][:, None], out=wires.y))
        return made


@dataclass(frozen=True)
class Line(Dataset):
    """y = 2 x."""

    name = "typed-line"
    task = "regression"

    def load(self, rng: np.random.Generator) -> Data:
        x = rng.uniform(-1, 1, (100, 1))
        return Data(x, 2 * x)


@dataclass(frozen=True)
class Narrow(Architecture):
    """One hidden layer."""

    name = "typed-narrow"

    def layers(self, inputs: Inputs, outputs: int, extras: Extras) -> list[Layer]:
        before, after = extras.before_activation((4,)), extras.after_activation((4,))
        return [Dense(4), *before, Tanh(), *after, Dense(outputs)]


@dataclass(frozen=True)
class Bowl(Function):
    """f(w) = w1^2 + w2^2."""

    name = "typed-bowl"
    start = (1.0, 1.0)

    def value_and_gradient(self, w: np.ndarray, step: int, rng: np.random.Generator) -> tuple[float, np.ndarray]:
        return float(w @ w), 2 * w


@dataclass(frozen=True)
class Wander(Problem):
    """Half the squared distance to a point that moves."""

    name = "typed-wander"
    reference = "made up"
    metric = "score"

    def layout(self) -> Layout:
        return Layout.of({"w": (2, 2), "b": (2,)}, {"b": "bias"})

    def begin(self, rng: np.random.Generator) -> State:
        return {"to": np.zeros(6)}

    def loss_and_gradient(
        self, w: np.ndarray, step: int, rng: np.random.Generator, state: State
    ) -> tuple[float, np.ndarray]:
        state["to"] = state["to"] + rng.normal(size=6)
        off = w - state["to"].astype(w.dtype)
        return 0.5 * float(off @ off), off

    def evaluate(self, w: np.ndarray, state: State) -> tuple[float, float, float, float]:
        loss = float(w @ w)
        return loss, -loss, loss, -loss


@dataclass(frozen=True)
class Scaled(PlainLayer):
    """y = s x."""

    def parameters(self, shape: Shape) -> tuple[Parameter, ...]:
        return (Parameter("s", shape, "scale"),)

    def forward(
        self, x: np.ndarray, params: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
        return params["s"] * x, (x, params["s"])

    def backward(
        self, dy: np.ndarray, cache: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        x, s = cache
        return s * dy, {"s": (dy * x).sum(axis=0)}


class Plugin:
    """As a module would."""

    @staticmethod
    @hookimpl
    def optbench_optimizers() -> list[type[Optimizer]]:
        return [Signs]

    @staticmethod
    @hookimpl
    def optbench_trial_finished(trial: Trial, run: Run, assignments: tuple[Assignment, ...]) -> None:
        print(trial.key, run.outcome, [a.candidate for a in assignments])


@parametrize_with_checks([Signs, Signs(beta=0.5)])
def test_contract(component: Optimizer, check: Callable[[Optimizer], None]) -> None:
    check(component)


def by_hand() -> Fit:
    """A small experiment."""
    x = np.linspace(-1, 1, 20)[:, None]
    model = network([1, 4, 1], ["tanh", "identity"], dtype="float64")
    first = model.draw(get("he"), seed=1)
    return fit(
        model, x, 2 * x, Signs(), steps=20, params=first, batches=minibatches(20, 5), schedule=Halving(),
        penalties=[Pull()], constraints=[Box()],
    )  # fmt: skip


def by_trial() -> list[Run]:
    """A training without a run of a suite."""
    plugins = registry_of(Plugin())
    trial = trial_of("spirals-mlp", "quick", optimizer="typed-signs", settings={"epochs": 1}, plugins=plugins)
    training = training_of([trial], plugins)
    training.step()
    assert training.rows[0].params.ndim == 1
    return runs_of(training_of([trial], plugins, optimizer=Signs(lr=0.02)))


def results_of(folder: Path) -> Standing:
    """What is read of a run."""
    results: Results = optbench.load(folder)
    write(results, folder)
    learning_curves(results.curves, results.trials, "validation_loss")
    return verdict(results.trials)


if __name__ == "__main__":
    assert by_hand().costs.shape == (20,)
    assert [run.outcome for run in by_trial()] == ["done"]
    assert offered(Plugin()) == {"optimizers": ["typed-signs"], "observers": ["optbench_trial_finished"]}
    assert np.array_equal(checkpointed({"v": np.ones(2)})["v"], np.ones(2))
    check_obeys_the_schedule(Signs)
    assert {result.verdict for result in run_checks([Signs, Wander])} == {"passed"}
    assert sequential([Dense(3), Scaled(), Dense(2)], [4]).layout.size == 15 + 3 + 8
    assert len(checks_for(Signs)) > 20
    assert paired_effect([np.array([1.0, 2.0, 3.0])]).pairs == 3
    assert iqm(np.arange(8.0)[None]) == 3.5
