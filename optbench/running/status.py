"""How far a run is, seen from another process: from its lock, its run.json and its store."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.contract.text import visible
from optbench.running.journal import LOG, last_beat
from optbench.running.lock import locked
from optbench.running.progress import clock
from optbench.store.store import STORE, Store
from optbench.trials.trial import FINISHED

#: seconds without a sign of life after which a run whose lock cannot be tested counts as dead
SILENCE = 30.0


@dataclass(frozen=True)
class Status:
    """state   running; finished; stopped (by Ctrl-C); failed (an error ended it); died (killed, or a power cut);
               unknown (no run.json, as in a store that was copied or merged)

    Trials are those in the store that belong to its plan; `expected` is of the whole run, at most: of the seeds up to
    the next look where seeds are added until all is decided; `open` then says what is not.
    """

    folder: str
    state: str
    stage: str
    trials: int
    expected: int | None
    failed: int
    outcomes: dict[str, int]
    per_second: float | None
    seconds_left: float | None
    pid: int | None
    host: str | None
    started: str | None
    updated: str | None
    engine: str | None
    title: str
    log: str | None
    open: str | None = None

    @property
    def complete(self) -> bool:
        return self.state == "finished" or (self.state == "unknown" and self.expected == self.trials)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def status(folder: str | Path) -> Status:
    """The status of the run in a folder. OptbenchError where there is none."""
    folder = Path(folder)
    beat = last_beat(folder)
    path = folder if folder.is_file() else folder / STORE
    if beat is None and not path.exists():
        raise OptbenchError(f"{folder}: nothing was run here (neither run.json nor {STORE})")
    said = beat or {}
    alive = locked(folder)
    if alive is None:  # no locks here, or not ours to test: then a fresh sign of life counts
        alive = said.get("state") == "running" and age(said.get("updated")) < SILENCE
    state = str(said.get("state", "unknown"))
    if alive:
        state = "running"
    elif state == "running":
        state = "died"
    counts: dict[str, int] = {}
    title = str(said.get("title") or "")
    # a process that has only just begun may not have made its store yet
    if path.exists() and path.stat().st_size:
        with Store(path, readonly=True) as store:
            now = store.get("now")  # beside what stands from before
            counts = store.outcomes(now and {tuple(pair) for pair in now["pairs"]})
            title = title or str(store.get("title") or "")
    trials = sum(counts.values())
    return Status(
        folder=str(folder),
        state=state,
        stage=str(said.get("stage", "")) if state == "running" else "",
        trials=trials,
        expected=whole(said.get("expected")),
        failed=trials - sum(counts.get(name, 0) for name in FINISHED),
        outcomes=counts,
        per_second=number(said.get("per_second")) if state == "running" else None,
        seconds_left=number(said.get("seconds_left")) if state == "running" else None,
        pid=whole(said.get("pid")),
        host=text(said.get("host")),
        started=text(said.get("started")),
        updated=text(said.get("updated")),
        engine=text(said.get("engine")),
        title=visible(title, keep="\n"),
        log=str(folder / LOG) if (folder / LOG).exists() else None,
        open=text(said.get("open")) or None,
    )


def lines(found: Status) -> list[str]:
    """What a person reads, each below 80 columns where names are short."""
    who = f"process {found.pid} on {found.host}" if found.pid is not None else ""
    since = f", since {found.started} ({clock(age(found.started))})" if age(found.started) < 1e9 else ""
    words = {
        "running": f"running: {who}{since}" if who else "running",
        "finished": f"finished at {found.updated}",
        "stopped": f"stopped at {found.updated}: the same command goes on from there",
        "failed": f"failed at {found.updated}: see {LOG}",
        "died": f"died: {who} is gone, last seen at {found.updated}; the same command goes on from there",
        "unknown": "no run is known to have written here",
    }
    told = [f"{found.folder}: {found.title}".rstrip(": "), words.get(found.state, found.state)]
    of = f"/{found.expected}" if found.expected else ""
    parts = [f"{found.trials}{of} trials", f"{found.failed} failed"]
    if found.per_second:
        parts.append(f"{found.per_second:.1f} trials/s")
    if found.seconds_left is not None and found.stage == "training":
        parts.append(f"{clock(found.seconds_left)} left")
    told.append(", ".join(parts))
    if found.open:
        told.append(f"undecided: {found.open}")
    bad = {name: count for name, count in found.outcomes.items() if name not in FINISHED}
    if bad:
        told.append("failed: " + ", ".join(f"{count} {name}" for name, count in sorted(bad.items())))
    if found.state == "running" and found.stage not in ("", "training"):
        told.append(f"now: {found.stage}")
    if found.log:
        told.append(f"log: {found.log}")
    return [visible(line, keep="\n") for line in told]


def age(when: Any) -> float:
    """Seconds since a time of run.json; infinite where it is none."""
    try:
        then = datetime.strptime(str(when), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return float("inf")
    return max(0.0, (datetime.now(UTC) - then).total_seconds())


def whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def text(value: Any) -> str | None:
    return visible(value, keep="\n")[:200] if isinstance(value, str) else None
