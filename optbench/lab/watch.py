"""One model, watched: trained with checkpoints, stopped at will, and taken up again with a changed setting.

A folder holds everything: `checkpoint.npz` with the training's whole state, its settings and what was changed where,
and `train.html`, the page. A training that is resumed without a change has the bits of one that was never stopped.
"""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from optbench.contract.context import Measurement
from optbench.contract.errors import OptbenchError
from optbench.contract.metric import labelled
from optbench.lab.adjust import changed, difference, full_path, plain, settings
from optbench.lab.watched import CHECKPOINT, Norms, Watched, trial_of
from optbench.registry.guests import recall
from optbench.registry.registry import Registry
from optbench.running.folder import prepare_folder
from optbench.running.interrupts import flagged
from optbench.training import checkpoint
from optbench.training.assembly import assemble
from optbench.training.trainer import Row, Training, train
from optbench.trials.content import LENGTH
from optbench.trials.trial import FINISHED, Run, Trial

#: Seconds between two checkpoints; the last state is always saved.
SAVE_EVERY = 2.0
#: The state is copied at each evaluation, unless copies would take more than this share of the time.
COPY_SHARE = 0.1


@dataclass
class Session:
    """A training in a folder, and its story.

    changes   [{"step": n, "set": {path: [old, new]}}, …], one each time that it was resumed with a change
    state     the last state worth going on from, as it is saved: not that of a training that diverged
    run       what came of it, once it has ended
    tests     how often the test split was read: once at each end
    guests    of its components those that were handed in, as a store has them
    step_saved     the step that the checkpoint is of; -1 where none is written yet
    norms     of its tensors at each evaluation
    stopped   whether Ctrl-C ended it
    """

    folder: Path
    trial: Trial
    training: Training
    changes: list[dict[str, Any]] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    run: Run | None = None
    step_saved: int = -1
    saved: float = -SAVE_EVERY
    copied: float = 0.0
    tests: int = 0
    guests: list[dict[str, Any]] = field(default_factory=list)
    norms: Norms = field(default_factory=Norms)
    stopped: bool = False

    @property
    def row(self) -> Row:
        return self.training.rows[0]

    @property
    def history(self) -> list[Measurement]:
        return self.row.history

    @property
    def metric(self) -> str:
        """What the metric of a measurement is called here."""
        trained = self.training.problem
        holder = getattr(trained, "data", None) or getattr(trained, "problem", None)
        told = getattr(holder, "metric", "") or "metric"
        return labelled(told) if ":" in told else told

    def remember(self, always: bool = False) -> None:
        """Copy the state of this evaluation, if it is worth going on from."""
        start = time.perf_counter()
        if self.row.outcome not in (None, *FINISHED) or (start < self.copied and not always):
            return
        training = self.training.save(self.row)
        training["optimizer"] = copy.deepcopy(training["optimizer"])  # `save` may give the live state
        self.state = {
            "trial": plain(asdict(self.trial)),
            "changes": self.changes,
            "outcome": self.row.outcome,
            "message": self.row.message,
            "tests": self.tests,
            "guests": self.guests,
            "metric": self.metric,
            "steps": self.training.budget.steps,
            "norms": self.norms.saved(),
            "training": training,
        }
        now = time.perf_counter()
        self.copied = now + (now - start) / COPY_SHARE

    def note(self) -> None:
        """Record the norms of what was evaluated last."""
        if self.history:
            self.norms.note(self.history[-1].step, self.row.params, self.training.problem.layout)

    def close(self) -> None:
        """Say in the checkpoint how it ended: its state may be of a step before that, where it diverged."""
        if self.state:
            shown = self.watched()
            self.state["end"] = {
                "outcome": shown.outcome,
                "message": shown.message,
                "traceback": shown.traceback,
                "step": shown.step,
                "test": list(shown.test),
                "tests": shown.tests,
                "kept": shown.kept,
                "history": [list(vars(m).values()) for m in shown.history],
                "norms": self.norms.saved(),
            }

    def watched(self) -> Watched:
        """What is known of it now."""
        run = self.run
        return Watched(
            self.folder,
            self.trial,
            self.history if run is None else run.measurements,
            self.changes,
            self.norms,
            self.metric,
            run.outcome if run is not None else "interrupted" if self.stopped else "",
            "" if run is None else str(run.message or ""),
            "" if run is None else str(run.traceback or ""),
            self.training.number,
            self.training.budget.steps,
            self.step_saved,
            0.0,
            (float("nan"), float("nan")) if run is None else (float(run.test_loss), float(run.test_metric)),
            self.tests,
            -1 if run is None else run.kept,
            int(self.row.params.size),
        )

    def save(self) -> None:
        """Write what `remember` copied last."""
        if self.state:
            checkpoint.save(self.folder / CHECKPOINT, self.state)
            self.step_saved = int(self.state["training"]["step"])
        self.saved = time.monotonic()


def begin(folder: Path, trial: Trial, registry: Registry) -> Session:
    """A new training. A folder that holds one already is refused: it may be resumed, or another chosen."""
    if any((folder / name).exists() for name in (CHECKPOINT, checkpoint.previous(Path(CHECKPOINT)))):
        raise OptbenchError(f"{folder} holds a training already: go on with --resume {folder}, or choose another --out")
    training = ready(replace(trial, sources={}), registry)
    trial = told(trial, training, registry)
    return Session(prepare_folder(folder), trial, training, guests=guests_of(trial, registry))


def resume(folder: Path, changes: Mapping[str, Any], registry: Registry, given: Sequence[Any] = ()) -> Session:
    """The training that `folder` holds, with changed settings from its present step on.

    given   components that were handed in, as of `optbench.registry.guests.recall`
    Raises `OptbenchError` where there is none, where the checkpoint is broken or of another version, where
    nothing is left to do, and for settings that are unknown, impossible or used up.
    """
    path = folder / CHECKPOINT
    state = checkpoint.load(path)
    before = trial_of(state, path)
    try:
        recall(registry, state.get("guests", ()), given)
        return _resume(folder, state, before, changes, registry)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, MemoryError, RecursionError) as error:
        raise OptbenchError(f"{path}: from another version of optbench or of a plugin ({error!r})") from error


def _resume(folder: Path, state: Any, before: Trial, changes: Mapping[str, Any], registry: Registry) -> Session:
    path = folder / CHECKPOINT
    known = settings(before)
    for given in changes:
        if full_path(given, known).startswith("initializer."):
            raise OptbenchError(f"--set {given}: the weights of {folder} are drawn already")
    trial = changed(before, changes)
    training = ready(replace(trial, sources={}), registry)
    trial = told(trial, training, registry)
    row, saved = training.rows[0], state["training"]
    if saved["params"].shape != row.params.shape:
        raise OptbenchError(f"{path}: its {saved['params'].size} parameters do not fit the network's {row.params.size}")
    training.load(row, saved)
    story = difference(before, trial)
    check_unfinished(folder, training, state, bool(story), "steps" if trial.workload.get("steps") else "epochs")
    tests, guests = state.get("tests", 0), guests_of(trial, registry)
    session = Session(folder, trial, training, list(state["changes"]), tests=tests, guests=guests)
    session.step_saved = training.number
    session.norms = Norms.of(state.get("norms"))
    if story:
        session.changes.append({"step": training.number, "set": story})
    return session


def told(trial: Trial, training: Training, registry: Registry) -> Trial:
    """The trial with who provides its components here, and fingerprints of their code and its data."""
    providers = {part: registry.used(part).provider for part in trial.providers}
    sources = {part: registry.code(part) for part in ("engine", *providers)}
    data = getattr(training.problem, "data", None)
    if data is not None:
        name = trial.workload["dataset"]["name"]
        del sources[f"dataset:{name}"]  # not its loader's code but what that gives
        sources[f"data:{name}"] = data.provenance["sha256_arrays"][:LENGTH]
    return replace(trial, providers=providers, sources=sources)


def guests_of(trial: Trial, registry: Registry) -> list[dict[str, Any]]:
    """Of a trial's components those that were handed in, as a store has them."""
    return [guest.record for part in trial.providers if (guest := registry.used(part).guest) is not None]


def ready(trial: Trial, registry: Registry) -> Training:
    """A training of this trial alone; what is wrong before the first step is told at once."""
    training = assemble([trial], registry, alone=True)
    if training.rows[0].outcome is not None:
        raise OptbenchError(training.rows[0].message)
    return training


def check_unfinished(folder: Path, training: Training, state: Mapping[str, Any], changes: bool, unit: str) -> None:
    """Raise `OptbenchError` where a resumed training would not make a step; `unit` is what its budget is in."""
    steps = training.budget.steps
    if training.number >= steps:
        more = 2 * max(1, training.number // (1 if unit == "steps" else training.problem.steps_per_epoch))
        raise OptbenchError(
            f"{folder}: step {training.number} is reached, and the budget is {steps} steps: "
            f"to go on give more, such as --set {unit}={more}"
        )
    if state.get("outcome") == "stopped" and not changes:
        raise OptbenchError(f"{folder}: {state['message']}: change a setting to go on, such as --set patience=20")


def go(session: Session, show: Callable[[Session], None]) -> Run | None:
    """Train to the end of the budget, showing each evaluation. None where Ctrl-C stopped it.

    The first Ctrl-C stops at the next evaluation, with everything saved; a second one raises `KeyboardInterrupt`
    at once, with the last checkpoint kept. `show.stopping()`, if there is one, is called at the first.
    """
    from threadpoolctl import threadpool_limits

    generator = train(session.training)
    with threadpool_limits(1), flagged(getattr(show, "stopping", None)) as stopped:
        while True:
            try:
                next(generator)
            except StopIteration as end:
                session.run = end.value[0]
                session.tests += session.run.test_loss == session.run.test_loss
                session.note()
                session.remember(always=True)
                session.close()
                session.save()
                show(session)
                return session.run
            session.note()
            session.remember(always=stopped())
            if stopped() and session.row.outcome is None and session.training.number < session.training.budget.steps:
                session.stopped = True
                session.close()
                session.save()
                show(session)
                return None
            if time.monotonic() - session.saved >= SAVE_EVERY:
                session.save()
            show(session)
