"""Makes table.json: runs every class of torch.optim and pytorch_optimizer beside plain torch, and notes what it needs.

    python survey/survey.py            # writes the table of the versions that are installed
    python survey/survey.py lion muon  # shows the records of these

A class is listed when, on tensors of every kind, the bridge takes the same steps as plain torch, and when a run that
was saved and loaded goes on with the same bits; what it does otherwise than the conformance kit asks is noted. Else
the table says why it is not available.
"""

import inspect
import json
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from experiment import bridged_steps, plain_steps, quiet, start
from known import KNOWN, REASONS, special_rates
from optbench_torch import catalog, library
from optbench_torch.bridge import TorchOptimizer
from optbench_torch.signature import hyperparameters
from optbench_torch.spec import Spec

from optbench import OptbenchError
from optbench.testing import checks_for, run_check

TABLE = Path(__file__).parents[1] / "src" / "optbench_torch" / "table.json"
STEPS = 24
#: so that what a method does once in a while is done
LONG = {"alice": 210, "splus": 110, "adagc": 110, "spam": 60}


def classes() -> Iterator[tuple[str, type]]:
    """("torch/adamw", class) of everything that the two libraries offer."""
    torch = library.torch_module()
    for called in dir(torch.optim):
        cls = getattr(torch.optim, called)
        if isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer) and cls is not torch.optim.Optimizer:
            yield "torch/" + ("sparse-adam" if called == "SparseAdam" else called.lower()), cls
    from pytorch_optimizer.optimizer import OPTIMIZERS

    for called, cls in sorted(OPTIMIZERS.items()):
        yield f"pytorch-optimizer/{called}", cls


def record(name: str, cls: type) -> dict[str, Any]:
    """What the table says of a class."""
    library_name, _, short = name.partition("/")
    known = KNOWN.get(name, {})
    found: dict[str, Any] = {
        "class": f"{cls.__module__}:{cls.__qualname__}",
        "file": source(cls, library_name),
        "summary": summary(cls),
    }
    if library_name != "torch" and short in REASONS:
        return {**found, "unavailable": REASONS[short]}
    fixed = known.get("fixed", {})
    settings = {**hyperparameters(cls)[0], **known.get("settings", {})}
    found["settings"] = {k: v for k, v in settings.items() if k not in fixed}
    rates = dict(known.get("rates", {}))
    special = special_rates(short, library_name)
    if special and "lr" in found["settings"]:
        rates["lr"] = special
    if rates:
        found["rates"] = rates
    for key in ("fixed", "iterates"):
        if key in known:
            found[key] = known[key]
    spec = Spec(
        found["class"], found["settings"], fixed, frozenset(known.get("flags", ())),
        tuple(known.get("iterates", ())),
    )  # fmt: skip
    try:
        flags = needed(name, spec)
    except Exception as error:
        text = str(error).strip().partition("\n")[0]
        if "-v" in sys.argv:
            traceback.print_exc()
        return {**found, "unavailable": text if isinstance(error, OptbenchError) else f"{type(error).__name__}: {text}"}
    if flags:
        found["flags"] = sorted(flags)
    departs = departures(name, found)
    return {**found, "departs": departs} if departs else found


def source(cls: type, library_name: str) -> str:
    """The class's file within its package."""
    home = library.folder(library_name.replace("-", "_"))
    # Not of the class, whose module may be where it is exported; pytorch_optimizer lists some of torch's own.
    file = Path(inspect.unwrap(cls.__init__).__code__.co_filename)
    return file.relative_to(home).as_posix() if home and home in file.parents else "__init__.py"


def summary(cls: type) -> str:
    text = " ".join((inspect.getdoc(cls) or cls.__name__).partition("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".") + "."


def needed(name: str, spec: Spec) -> frozenset[str]:
    """The flags with which the bridge takes plain torch's steps; raises where none do."""
    last: Exception = RuntimeError("no steps were made")
    closure = "closure" in inspect.signature(spec.cls.step).parameters
    for more in ((), ("fresh",), ("copy",)):
        for extra in ((), ("closure",)) if closure and "closure" not in spec.flags else ((),):
            tried = replace(spec, flags=spec.flags | set(more) | set(extra))
            try:
                tried = replace(tried, flags=tried.flags | draws(name, tried))
                check(name, tried)
            except Exception as error:
                last = error if not isinstance(last, Different) or isinstance(error, Different) else last
                continue
            return tried.flags
    raise last


class Different(Exception):
    """The bridge does not take the steps that plain torch takes."""


def check(name: str, spec: Spec) -> None:
    made = instance(name, spec)
    steps = LONG.get(name.partition("/")[2], STEPS)
    theirs, ours = plain_steps(made, steps), bridged_steps(made, steps)
    size = np.abs(theirs - start()).max()
    if not np.isfinite(theirs).all():
        raise Different("its steps are not finite")
    if not np.abs(ours - theirs).max() <= 1e-7 * size:
        raise Different(f"the bridge's steps differ by {np.abs(ours - theirs).max() / size:.1e} from plain torch's")
    again = bridged_steps(made, steps, resume_at=steps // 2)
    if ours.tobytes() != again.tobytes():
        raise Different("a saved and loaded run does not go on with the same bits")
    small = bridged_steps(made, STEPS, np.float32)
    if small.dtype != np.float32 or not np.isfinite(small).all():
        raise Different("its steps in float32 are not finite")


def instance(name: str, spec: Spec) -> TorchOptimizer:
    return catalog.component(name, spec, "", "")()


def draws(name: str, spec: Spec) -> set[str]:
    """The global generators that its steps use, as flags."""
    torch = library.torch_module()
    before, numpys = torch.get_rng_state(), str(np.random.get_state())  # noqa: NPY002
    plain_steps(instance(name, spec), STEPS)
    found = set() if torch.equal(before, torch.get_rng_state()) else {"random"}
    return found if numpys == str(np.random.get_state()) else found | {"numpy"}  # noqa: NPY002


def departures(name: str, found: Mapping[str, Any]) -> dict[str, str]:
    """{check of the conformance kit: what the class does instead}, of those that it does not pass."""
    cls = catalog.tabled(name, name.partition("/")[0].replace("-", "_"), found)
    with quiet():
        results = [run_check(cls, check) for check in checks_for(cls)]
    # What it does; without the advice, which is for authors.
    advice = re.compile(r"(;|: (leave|keep|multiply|declare|write|treat|tell|take)\b).*")
    return {r.check: advice.sub("", r.message)[:150] for r in results if r.verdict == "failed"}


def survey(only: Sequence[str] = ()) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for name, cls in classes():
        if not only or name in only or name.partition("/")[2] in only:
            found[name] = record(name, cls)
            print(name, found[name].get("unavailable") or " ".join(found[name].get("flags", ())), flush=True)
    return found


def main(arguments: Sequence[str]) -> None:
    only = [a for a in arguments if not a.startswith("-")]
    found = survey(only)
    lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in found.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    if only:
        print(text)
    else:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
