"""One model, watched: trained with checkpoints, stopped at will, and taken up again with a changed setting.

A folder holds everything: `checkpoint.npz` with the training's whole state, its settings and what was changed where,
and `train.html`, the page. A training that is resumed without a change has the bits of one that was never stopped.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from optbench import checkpoint
from optbench.assembly import assemble
from optbench.components import Measurement, walk
from optbench.errors import OptbenchError, near
from optbench.registry import Registry
from optbench.trainer import Row, Training, train
from optbench.trial import Run, Trial

CHECKPOINT = "checkpoint.npz"
#: Seconds between two checkpoints; the last state is always saved.
SAVE_EVERY = 2.0
#: Settings of the workload that may be set like a component's.
BUDGET = ("epochs", "steps", "batch_size", "evaluate_every")


@dataclass
class Session:
    """A training in a folder, and its story."""

    folder: Path
    trial: Trial
    training: Training
    changes: list[dict[str, Any]] = field(default_factory=list)
    seconds_saved: float = 0.0

    @property
    def row(self) -> Row:
        return self.training.rows[0]

    @property
    def history(self) -> list[Measurement]:
        return self.row.history

    @property
    def metric(self) -> str:
        """What the metric of a measurement is called here."""
        return getattr(getattr(self.training.problem, "data", None), "metric", "metric")

    def save(self) -> None:
        tree = {
            "trial": plain(asdict(self.trial)),
            "changes": self.changes,
            "training": self.training.save(self.row),
        }
        checkpoint.save(self.folder / CHECKPOINT, tree)
        self.seconds_saved = time.monotonic()


def begin(folder: Path, trial: Trial, registry: Registry) -> Session:
    """A new training. A folder that holds one already is refused: it may be resumed, or another chosen."""
    if (folder / CHECKPOINT).exists():
        raise OptbenchError(f"{folder} holds a training already: go on with --resume {folder}, or choose another --out")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OptbenchError(f"--out {folder}: cannot write to this folder: {error.strerror}") from error
    return Session(folder, trial, assemble([trial], registry))


def resume(folder: Path, changes: Mapping[str, Any], registry: Registry) -> Session:
    """The training that `folder` holds, with changed settings from its present step on."""
    tree = checkpoint.load(folder / CHECKPOINT)
    before = Trial(**tree["trial"])
    trial = changed(before, changes)
    training = assemble([trial], registry)
    if training.rows[0].outcome is not None:
        raise OptbenchError(training.rows[0].message)
    saved = tree["training"]
    if saved["params"].shape != training.rows[0].params.shape:
        raise OptbenchError(f"{folder / CHECKPOINT}: its parameters do not fit the network any more")
    training.load(training.rows[0], saved)
    session = Session(folder, trial, training, list(tree["changes"]))
    if changes:
        was = dict(settings(before))
        session.changes.append(
            {"step": training.number, "set": {k: [was.get(k), v] for k, v in full_paths(before, changes).items()}}
        )
    return session


def settings(trial: Trial) -> Iterator[tuple[str, Any]]:
    """Everything that may be set, by path."""
    yield from walk(trial.components)
    for name in BUDGET:
        yield name, trial.workload.get(name)


def full_paths(trial: Trial, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes by full path: `lr` is the optimizer's."""
    known = dict(settings(trial))
    result = {}
    for path, value in changes.items():
        full = path if path in known else f"optimizer.{path}"
        if full not in known or full.endswith("name"):
            valid = [p.removeprefix("optimizer.") for p in known if not p.endswith("name")]
            raise OptbenchError(f"--set {path}: there is no such setting; {near(path, valid)}")
        result[full] = value
    return result


def changed(trial: Trial, changes: Mapping[str, Any]) -> Trial:
    """The trial with some settings changed."""
    workload, components = plain(trial.workload), plain(trial.components)
    for path, value in full_paths(trial, changes).items():
        *parents, last = path.split(".")
        if not parents:
            workload[last] = value
            # A budget is in epochs or in steps: the one that was set counts.
            if last in ("epochs", "steps"):
                workload["steps" if last == "epochs" else "epochs"] = None
            continue
        place = components
        for parent in parents:
            place = place[parent]
        place[last] = value
    return replace(trial, workload=workload, components=components)


def plain(value: Any) -> Any:
    """Nested mappings and sequences as new dicts and lists."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def go(session: Session, show: Callable[[Session], None]) -> Run | None:
    """Train to the end of the budget, showing each evaluation. None where Ctrl-C stopped it.

    The first Ctrl-C stops at the next evaluation, with everything saved; a second one stops at once,
    with the last checkpoint kept.
    """
    with interrupts() as stopped:
        generator = train(session.training)
        while True:
            try:
                next(generator)
            except StopIteration as end:
                session.save()
                show(session)
                return end.value[0]
            if stopped():
                session.save()
                return None
            if time.monotonic() - session.seconds_saved > SAVE_EVERY:
                session.save()
            show(session)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Within, a first Ctrl-C only raises a flag; the second is as ever."""
    seen: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: Any) -> None:
        seen.append(number)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)
