"""Sealed variants: variants of a suite's workloads that are drawn from its candidates' own fingerprint.

Named held-out variants can be read before a method is made, and tuned to. A sealed one is drawn when the method is
there: by a generator that is seeded with the fingerprint of the candidates (their code and settings) and with the
definition of the base. The same candidates meet the same variants, on any machine; a changed statement gives others.

Each changes one thing or two, within the bounds below, and has everything else of its base. What does not apply to a
workload, or is not possible there, is drawn again. It has no target: what can be reached is another on each variant,
so times are measured to a ladder of the runs themselves (`optbench.statistics.sealed`).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optbench.contract.dataset import CLASSIFYING
from optbench.contract.errors import OptbenchError
from optbench.registry.registry import Registry
from optbench.suite.base import LONGEST
from optbench.suite.candidate import Candidate
from optbench.suite.workload import Workload
from optbench.trials.trial import NOT_IN_KEY, canonical

#: of a run
MOST_SEALED = 1000
#: after so many draws that are not possible a base has no further variant
ATTEMPTS = 20
#: sizes of a network's layers, and settings of data, functions and problems: what they may be multiplied by
SIZES, BATCHES, SETTINGS = (0.5, 0.75, 1.25, 1.5), (0.5, 0.75, 1.5, 2.0), (0.6, 0.8, 1.25, 1.6)
WIDTHS = ("hidden", "width", "channels", "units")
SCALED = (
    *("condition", "noise", "distance", "separation", "exponent", "dimension", "twist", "label_noise", "signal"),
    *("strength", "offset", "decades"),
)
ACTIVATIONS = ("relu", "leaky_relu", "tanh", "gelu_tanh")
INITIALIZERS = ("glorot-uniform", "he", "lecun-normal", "orthogonal")
GAINS = (0.7, 1.4)
WRONG, SMALLEST, NOISE = (0.05, 0.1, 0.15), (0.3, 0.5), (0.1, 0.2)

Table = dict[str, Any]
#: what differs, as fields of a workload, and in words behind "with"
Change = tuple[Table, str]


@dataclass(frozen=True)
class Base:
    """A workload as a table; the task of its data, empty of others; and what its candidates have of their own."""

    table: Table
    task: str
    online: bool
    own: frozenset[str]


def sealed_variants(
    bases: Sequence[Workload],
    about: Sequence[Candidate],
    fingerprint: str,
    number: int,
    registry: Registry,
    able: Callable[[Workload], bool] = lambda workload: True,
) -> list[Workload]:
    """So many variants of the bases, in turn; fewer where nothing of a base can be varied.

    about        the candidates that they are drawn for: a field that one of them brings itself is not varied
    fingerprint  of these, see `optbench.tuning.fingerprint`
    able         whether a variant can be trained: whether its data fit its network
    The first variants are the same however many are asked for, and whichever other bases there are.
    """
    left = sorted(bases, key=lambda w: _seed(fingerprint, w))
    known = {_subject(w) for w in bases}
    drawn: dict[str, int] = {}
    found: list[Workload] = []
    while left and len(found) < number:
        for base in list(left):
            if len(found) == number:
                break
            drawn[base.name] = drawn.get(base.name, 0) + 1
            one = _variant(base, about, fingerprint, drawn[base.name], registry, able, known)
            if one is None:
                left.remove(base)
                continue
            known.add(_subject(one))
            found.append(one)
    order = {w.name: place for place, w in enumerate(bases)}
    return sorted(found, key=lambda w: order[w.base])


def _variant(
    base: Workload,
    about: Sequence[Candidate],
    fingerprint: str,
    number: int,
    registry: Registry,
    able: Callable[[Workload], bool],
    known: set[str],
) -> Workload | None:
    from pydantic import ValidationError

    table = base.model_dump(mode="json")
    data = registry.create("datasets", table["dataset"]) if table["dataset"] else None
    own = frozenset(
        field
        for candidate in about
        for field in ("batch_size", "initializer")
        if getattr(candidate, field) is not None and candidate.runs_on(base)
    )
    at = Base(table, data.task if data is not None else "", data is not None and data.online, own)
    name = f"-sealed-{fingerprint[:4]}-{number}"
    for attempt in range(ATTEMPTS):
        rng = np.random.default_rng([_seed(fingerprint, base), number, attempt])
        fields, words = _drawn(at, rng)
        if not words:
            continue
        told = {
            "name": f"{base.name[: LONGEST - len(name)]}{name}", "title": f"{base.name} with {' and '.join(words)}",
            "variant_of": base.name, "sealed": True, "target": None, "studies": None, "topic": None, "shows": "",
        }  # fmt: skip
        try:
            one = Workload.model_validate({**table, **fields, **told}, context={"registry": registry})
        except (ValidationError, OptbenchError):
            continue
        if _subject(one) not in known and able(one):
            return one
    return None


def _drawn(base: Base, rng: np.random.Generator) -> tuple[Table, list[str]]:
    """One change or two, of different kinds."""
    wanted = 1 + int(rng.integers(2))
    fields: Table = {}
    words: list[str] = []
    for place in rng.permutation(len(CHANGES)):
        change = CHANGES[place](base, rng)
        if change is None or set(change[0]) & set(fields):
            continue
        fields |= change[0]
        words.append(change[1])
        if len(words) == wanted:
            break
    return fields, words


def _seed(fingerprint: str, base: Workload) -> int:
    digest = hashlib.sha256(f"{fingerprint} {_subject(base)}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _subject(workload: Workload) -> str:
    """What of a workload decides what is trained."""
    table = workload.model_dump(mode="json")
    return canonical({k: v for k, v in table.items() if k not in (*NOT_IN_KEY, "studies", "sealed")})


# ------------------------------------------------------------------------------------------------ what may be changed


def _split(base: Base, rng: np.random.Generator) -> Change | None:
    if not base.task or base.task == "nodes":
        return None
    seed = int(rng.integers(1, 2**31))
    return {"split": {**base.table["split"], "seed": seed}}, "another split"


def _width(base: Base, rng: np.random.Generator) -> Change | None:
    network = base.table["network"] or {}
    times = float(rng.choice(SIZES))
    changed: Table = {}
    for field in WIDTHS:
        value = network.get(field)
        each = [n for n in (value if isinstance(value, list) else [value]) if isinstance(n, int)]
        if not each:
            continue
        # so that heads and groups of layers still divide them; those of small networks are finer
        part = 4 * int(network.get("heads", 1)) if "heads" in network or min(each) >= 16 else 1
        sizes = [max(part, part * round(n * times / part)) for n in each]
        if sizes != each:
            changed[field] = sizes if isinstance(value, list) else sizes[0]
    if not changed:
        return None
    called = {"hidden": "units", "width": "units a layer"}
    words = [
        f"{'-'.join(map(str, v)) if isinstance(v, list) else v} {called.get(field, field)}"
        for field, v in changed.items()
    ]
    return {"network": {**network, **changed}}, ", ".join(words)


def _batch(base: Base, rng: np.random.Generator) -> Change | None:
    size = base.table["batch_size"]
    if not base.task or not isinstance(size, int) or "batch_size" in base.own:
        return None
    times = float(rng.choice(BATCHES))
    batch = max(1, round(size * times))
    fields: Table = {"batch_size": batch}
    every = base.table["evaluate_every"]
    if every and base.table["epochs"]:  # as many evaluations an epoch
        fields["evaluate_every"] = max(1, round(every * size / batch))
    return (fields, f"batches of {batch}") if batch != size else None


def _activation(base: Base, rng: np.random.Generator) -> Change | None:
    network = base.table["network"] or {}
    if network.get("activation") not in ACTIVATIONS or "equation" in network:  # which needs second derivatives
        return None
    other = str(rng.choice([name for name in ACTIVATIONS if name != network["activation"]]))
    return {"network": {**network, "activation": other}}, f"{other} activations"


def _initialization(base: Base, rng: np.random.Generator) -> Change | None:
    now = base.table["initializer"]["name"]
    if not base.task or now not in INITIALIZERS or "initializer" in base.own:
        return None
    if rng.random() < 0.5:
        gain = float(rng.choice(GAINS))
        return {"initializer": {"name": "orthogonal", "gain": gain}}, f"orthogonal weights of gain {gain:g}"
    other = str(rng.choice([name for name in INITIALIZERS if name != now]))
    return {"initializer": {"name": other}}, f"{other} initialization"


def _labels(base: Base, rng: np.random.Generator) -> Change | None:
    share = float(rng.choice(WRONG))
    return _perturbed(base, {"label_noise": share}, f"{100 * share:g} % wrong labels", CLASSIFYING)


def _classes(base: Base, rng: np.random.Generator) -> Change | None:
    share = float(rng.choice(SMALLEST))
    return _perturbed(base, {"imbalance": share}, f"classes of down to {share:g} of their size", CLASSIFYING)


def _inputs(base: Base, rng: np.random.Generator) -> Change | None:
    noise = float(rng.choice(NOISE))
    words = f"inputs with noise of {noise:g} standard deviations"
    return _perturbed(base, {"input_noise": noise}, words, (*CLASSIFYING, "regression"))


def _perturbed(base: Base, settings: Table, words: str, tasks: Sequence[str]) -> Change | None:
    if base.task not in tasks or base.task == "nodes" or base.online:
        return None
    plain = {"name": "perturbed", "inner": base.table["dataset"], "label_noise": 0.0, "input_noise": 0.0}
    return {"dataset": {**plain, **settings}}, words


def _setting(base: Base, rng: np.random.Generator) -> Change | None:
    """A number that data, a function or a problem declare, larger or smaller."""
    field = next((f for f in ("dataset", "function", "problem") if base.table[f]), "dataset")
    table = base.table[field]
    names = [n for n in SCALED if isinstance(table.get(n), (int, float)) and table[n]]
    if not names:
        return None
    name = str(rng.choice(names))
    value = table[name] * float(rng.choice(SETTINGS))
    value = max(2, round(value)) if isinstance(table[name], int) else float(f"{value:.3g}")
    if value == table[name]:
        return None
    return {field: {**table, name: value}}, f"{name.replace('_', ' ')} {value:g}"


CHANGES: tuple[Callable[[Base, np.random.Generator], Change | None], ...] = (
    _split, _width, _batch, _activation, _initialization, _labels, _classes, _inputs, _setting,
)  # fmt: skip
