"""One trial, or a stack of them: a generator of measurements.

Whoever drives it can draw it live, prune it, checkpoint it, or just collect it. It gets ready objects and imports no
registry. Only the network is stacked: each optimizer, schedule and penalty sees one trial's own flat row.
"""

import math
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optbench.contract.components import Constraint, Optimizer, Penalty, Schedule, State, Stopping
from optbench.contract.context import Context, Measurement, Progress
from optbench.contract.norms import norm
from optbench.training import diagnostics
from optbench.training.awake import expired
from optbench.training.blame import blame
from optbench.training.problem import Problem
from optbench.trials.seeds import stream
from optbench.trials.trial import Outcome, Run


@dataclass(frozen=True)
class Recipe:
    """How one row is trained.

    tested   whether the test split is read at the end
    """

    optimizer: Optimizer
    schedule: Schedule
    seed: int
    penalties: Sequence[Penalty] = ()
    constraints: Sequence[Constraint] = ()
    stopping: Sequence[Stopping] = ()
    tested: bool = True


@dataclass(frozen=True)
class Budget:
    """How long to train, and how often to evaluate, in steps.

    validate_every  evaluations, of which one reads the validation split; the first, the last, and all of rows that may
                    stop early read it anyway
    deadline     as `optbench.training.awake.after` gives it
    diagnostics  record the per-layer statistics of the first parameters
    """

    steps: int
    evaluate_every: int
    deadline: float = math.inf
    diagnostics: bool = False
    validate_every: int = 1

    def validates(self, step: int) -> bool:
        """Whether the evaluation at this step reads the validation split: told by the step, so that a resume agrees."""
        return step >= self.steps or step % (self.evaluate_every * self.validate_every) == 0


@dataclass
class Row:
    """One trial in training."""

    recipe: Recipe
    index: int
    params: np.ndarray
    grads: np.ndarray
    progress: Progress
    context: Context
    probe_out: np.ndarray
    state: State = field(default_factory=dict)
    history: list[Measurement] = field(default_factory=list)
    kept: int = -1
    best: np.ndarray | None = None
    penalty: float = 0.0
    factor: float = 1.0
    gradient_norm: float = math.nan
    seconds: float = 0.0
    outcome: Outcome | None = None
    message: str = ""
    traceback: str = ""
    path: list[np.ndarray] = field(default_factory=list)
    start: dict[str, np.ndarray] = field(default_factory=dict)
    run: Run | None = None


class Training:
    """A stack of rows of one problem, stepped together.

    `step` makes one step of every active row; `measure` evaluates them; `save` and `load` give and take
    one row's whole state. `train` below is the loop.
    """

    def __init__(self, problem: Problem, recipes: Sequence[Recipe], budget: Budget):
        self.problem, self.budget = problem, budget
        self.number = 0
        self.rows = [self._row(k, recipe) for k, recipe in enumerate(recipes)]
        for row in self.rows:
            with Guard(row):
                if budget.diagnostics:
                    row.start = diagnostics.at_start(problem, row.index)
                row.factor = float(row.recipe.schedule.factor(row.progress))
                row.state = row.recipe.optimizer.init(row.params, problem.layout)
                self._project(row)

    def _row(self, k: int, recipe: Recipe) -> Row:
        problem = self.problem
        progress = Progress(0, self.budget.steps, problem.steps_per_epoch)
        params = problem.params[k]
        row = Row(recipe, k, params, problem.grads[k], progress, Context(problem.layout), np.zeros_like(params))
        row.context = Context(
            problem.layout,
            progress,
            stream(recipe.seed, "optimizer"),
            loss=lambda: self.problem.loss(row.index) + row.penalty,
            gradient=lambda at, out=None: self._gradient_at(row, at, out),
        )
        return row

    def _gradient_at(self, row: Row, at: np.ndarray, out: np.ndarray | None) -> tuple[float, np.ndarray]:
        out = row.probe_out if out is None else out
        loss = self.problem.probe(row.index, at, out)
        for penalty in row.recipe.penalties:
            loss += penalty.apply(at, out, self.problem.layout)
        return loss, out

    @property
    def active(self) -> list[Row]:
        return [row for row in self.rows if row.outcome is None]

    def step(self, last: bool = False) -> None:
        """One step of every active row; the `last` one before an evaluation also notes the gradient's norm."""
        problem, layout = self.problem, self.problem.layout
        problem.next_batch(self.number)
        problem.gradient()
        for row in self.rows:
            if row.outcome is not None:
                continue
            recipe = row.recipe
            try:
                if last:  # before the optimizer, which may overwrite it
                    row.gradient_norm = norm(row.grads)
                row.progress.step = self.number
                row.context.factor = row.factor = float(recipe.schedule.factor(row.progress))
                if recipe.penalties:
                    row.penalty = 0.0
                    for penalty in recipe.penalties:
                        row.penalty += penalty.apply(row.params, row.grads, layout)
                recipe.optimizer.step(row.params, row.grads, row.state, row.context)
                if recipe.constraints or problem.bounded:
                    self._project(row)
            except Exception as error:
                fail(row, error)
        self.number += 1

    def _project(self, row: Row) -> None:
        for vector in row.recipe.optimizer.iterates(row.params, row.state):
            for constraint in row.recipe.constraints:
                constraint.project(vector, self.problem.layout)
            self.problem.project(row.index, vector)

    def measure(self) -> list[tuple[Row, Measurement]]:
        """Evaluate every active row, off the clock; rows that diverged, or stop by their own rule, end here."""
        measured = []
        for row in self.active:
            with Guard(row):
                measured.append((row, self._measure(row)))
            if row.outcome is not None:
                row.run = self._finish(row)
        return measured

    def _measure(self, row: Row) -> Measurement:
        optimizer = row.recipe.optimizer
        params = optimizer.evaluation_params(row.params, row.state)
        validated = self.budget.validates(self.number) or bool(row.recipe.stopping)
        scores = self.problem.evaluate(row.index, params, validated)
        measurement = Measurement(
            self.number,
            self.number / self.problem.steps_per_epoch,
            self.number + row.context.extra_gradients,
            row.seconds,
            row.factor * rate(optimizer),
            *scores,
            row.gradient_norm,
        )
        row.history.append(measurement)
        row.kept = len(row.history) - 1
        if params.size <= 10:
            row.path.append(np.array(params, dtype=np.float64))
        # The parameters too: a network of dead units may give a finite loss with infinite weights.
        if not (math.isfinite(scores[0]) and np.isfinite(params).all()):
            row.outcome = "diverged"
            row.message = f"not finite at step {self.number}"
            return measurement
        for rule in row.recipe.stopping:
            row.kept = rule.keep(row.history)
            if row.kept == len(row.history) - 1:
                row.best = params.copy()
            if self.number < self.budget.steps and rule.stop(row.history):
                row.outcome = "stopped"
                row.message = f"{rule.name} at step {self.number}"
        return measurement

    def finish(self) -> list[Run]:
        """The runs, with the test split read once, or not at all."""
        return [row.run or self._finish(row) for row in self.rows]

    def compact(self) -> None:
        """Leave rows that ended out of the stack: the others go on, with the same bits, on smaller arrays."""
        active = self.active
        old, self.problem = self.problem, self.problem.select([row.index for row in active])
        for place, row in enumerate(active):
            saved = row.recipe.optimizer.save(row.state)
            self.problem.load(place, old.save(row.index))
            row.index, row.params, row.grads = place, self.problem.params[place], self.problem.grads[place]
            row.state = row.recipe.optimizer.load(saved, row.params, self.problem.layout)

    def _finish(self, row: Row) -> Run:
        test = (float("nan"), float("nan"))
        metrics = diagnostics.of_start(row.start)
        if row.outcome in (None, "stopped"):
            with Guard(row):
                params = row.best
                if params is None or not row.recipe.stopping:
                    params = row.recipe.optimizer.evaluation_params(row.params, row.state)
                if row.recipe.tested:
                    test = self.problem.test(row.index, params)
                metrics = diagnostics.at_end(
                    self.problem, row.index, params, row.history, row.path, row.start
                )
        arrays = dict(row.start)
        if row.path:
            arrays["path"] = np.array(row.path)
        return Run(
            row.outcome or "done",
            tuple(row.history),
            row.kept,
            test[0],
            test[1],
            row.message,
            row.traceback,
            metrics,
            arrays,
        )

    def save(self, row: Row) -> dict[str, Any]:
        """Everything that one row needs to go on with the same bits: a tree of arrays and scalars."""
        return {
            "step": self.number,
            "params": row.params.copy(),
            "gradient_norm": row.gradient_norm,
            "optimizer": row.recipe.optimizer.save(row.state),
            "problem": self.problem.save(row.index),
            "optimizer_generator": dict(row.context.rng.bit_generator.state),
            "extra_gradients": row.context.extra_gradients,
            "seconds": row.seconds,
            "factor": row.factor,
            "kept": row.kept,
            "best": row.best,
            "history": [list(vars(m).values()) for m in row.history],
            "path": [p.copy() for p in row.path],
            "start": row.start,
        }

    def load(self, row: Row, saved: dict[str, Any]) -> None:
        """Take up what `save` gave; the recipe may have changed."""
        self.number = saved["step"]
        row.params[...] = saved["params"]
        row.gradient_norm = saved["gradient_norm"]
        row.state = row.recipe.optimizer.load(saved["optimizer"], row.params, self.problem.layout)
        self.problem.load(row.index, saved["problem"])
        row.context.rng.bit_generator.state = saved["optimizer_generator"]
        row.context.extra_gradients = saved["extra_gradients"]
        row.seconds, row.factor = saved["seconds"], saved["factor"]
        row.kept, row.best = saved["kept"], saved["best"]
        row.history = [Measurement(*values) for values in saved["history"]]
        row.path = [np.asarray(p) for p in saved["path"]]
        row.start = saved["start"]


class Guard:
    """Ends one row with outcome `error` where a component raises; the others go on."""

    def __init__(self, row: Row):
        self.row = row

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, Exception):
            fail(self.row, error)
            return True
        return False


def fail(row: Row, error: Exception) -> None:
    row.outcome = "error"
    row.message = blame(error, row.progress.step)
    row.traceback = "".join(traceback.format_exception(error))


def rate(optimizer: Optimizer) -> float:
    """The optimizer's learning rate, or its inner one's; 1 where it has none by that name."""
    while optimizer is not None:
        if hasattr(optimizer, "lr"):
            return float(optimizer.lr)
        optimizer = getattr(optimizer, "inner", None)  # type: ignore[assignment]
    return 1.0


def train(training: Training) -> Generator[list[tuple[Row, Measurement]], None, list[Run]]:
    """Train to the end of the budget, yielding each evaluation's measurements; returns the runs.

    The first evaluation is made before any step. After a `load` it goes on where the saved one was.
    """
    budget = training.budget
    # Overflow to infinity is an outcome here, not a mistake.
    with np.errstate(all="ignore"):
        if training.number == 0:
            yield training.measure()
        while training.active and training.number < budget.steps:
            stop = min(budget.steps, (training.number // budget.evaluate_every + 1) * budget.evaluate_every)
            start = time.perf_counter()
            for _ in range(stop - training.number - 1):
                training.step()
            training.step(last=True)
            active = training.active
            share = (time.perf_counter() - start) / max(len(active), 1)
            for row in active:
                row.seconds += share
            yield training.measure()
            if 0 < 2 * len(training.active) <= training.problem.stack:
                training.compact()
            if training.number < budget.steps and expired(budget.deadline):
                for row in training.active:
                    row.outcome, row.message = "timeout", f"time limit reached at step {training.number}"
        return training.finish()


def collect(
    training: Training, watch: Callable[[list[tuple[Row, Measurement]]], None] | None = None
) -> list[Run]:
    """Drive `train` to its end."""
    generator = train(training)
    while True:
        try:
            measured = next(generator)
        except StopIteration as stop:
            return stop.value
        if watch is not None:
            watch(measured)
