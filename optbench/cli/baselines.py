"""What `optbench targets` does: run a suite's candidates as baselines, compute, and say or write what came of it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optbench.api import run
from optbench.contract.errors import OptbenchError
from optbench.registry.installed import own_version
from optbench.registry.registry import registry
from optbench.results.targets.document import fragment, written
from optbench.results.targets.procedure import Computed, compute, prepared, provenance
from optbench.running.engine import Engine
from optbench.running.progress import Watcher
from optbench.suite import Workload, load, parse, source
from optbench.suite.handed import handed


@dataclass(frozen=True)
class Found:
    """Computed targets of a suite; `text` is its file's, at `path` where that may be written."""

    text: str
    path: Path | None
    workloads: Sequence[Workload]
    computed: Sequence[Computed]
    trials: int

    @property
    def origins(self) -> dict[str, Any]:
        """Where each target comes from."""
        today = datetime.date.today().isoformat()
        return {c.workload: provenance(c, self.trials, today, own_version()) for c in self.computed}

    def lines(self) -> list[str]:
        """A line a workload: the new target beside the old one."""
        old = {w.name: f"{w.target.metric} {w.target.value:g}" for w in self.workloads if w.target is not None}
        return [
            f"{c.workload}: {c.metric} {', '.join(f'{level:g}' for level in c.ladder)}"
            + (f" (was {old[c.workload]})" if c.workload in old else " (had none)")
            + f": {c.reached:.0%} of {c.runs} runs reach the hardest, their median ends at {c.median:.4g}"
            for c in self.computed
        ]

    def fragment(self) -> str:
        """TOML to copy."""
        return fragment(self.computed, self.origins)


def computed_targets(
    suite: str | Path,
    engine: str | Engine = "local",
    folder: Path | None = None,
    watcher: Watcher | None = None,
    *,
    candidates: Sequence[str] | None = None,
    workloads: Sequence[str] | None = None,
    seeds: int | None = None,
    trials: int | None = None,
    metric: str | None = None,
    write: bool = False,
) -> Found:
    """Run the suite's candidates as baselines, in `folder` (resumed like any run), and compute the targets.

    `write` says that the suite's file is going to be written: refused before anything is trained where it belongs to
    a plugin. Raises `OptbenchError`.
    """
    plugins = registry()
    text, path = source(suite, plugins)
    if write and path is None:
        raise OptbenchError(f"--write: suite {suite!r} belongs to a plugin and is not rewritten: give --out FILE")
    asked = load(suite, plugins)
    given = None if candidates is None else handed(candidates, asked, plugins)
    part = asked.limited(plugins, candidates=given, workloads=workloads, seeds=seeds, trials=trials)
    chosen = prepared(part, plugins, metric)
    folder = folder or Path("results") / f"{Path(suite).stem}-targets"
    results = run(chosen, engine, folder, watcher=watcher, report=False)
    table, curves = results.trials, results.measurements("final")
    own = [w for w in chosen.workloads if w.variant_of is None or _gives_target(text, w.name)]
    found = [compute(workload, table, curves, [c.name for c in chosen.candidates]) for workload in own]
    return Found(text, path, asked.workloads, found, chosen.tuning.trials)


def save(found: Found, out: Path | None = None) -> Path:
    """Write the suite with its targets to `out`, or to its own file; returns where. What is no suite is not written."""
    text = written(found.text, found.computed, found.origins)
    path = out or found.path
    assert path is not None
    parse(text, str(path), registry(), path.parent)
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OptbenchError(f"{path}: cannot write the suite: {error.strerror}") from error
    return path


def _gives_target(text: str, workload: str) -> bool:
    """Whether a variant says its target itself."""
    import tomllib

    return any(w.get("name") == workload and "target" in w for w in tomllib.loads(text)["workloads"])
