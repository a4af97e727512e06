"""Problems of a suite in the words of its file: where, what, and what was expected."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from optbench.contract.arguments import short
from optbench.contract.errors import OptbenchError, near
from optbench.contract.text import visible
from optbench.suite.base import Model
from optbench.suite.candidate import Candidate, CandidateTuning, Tuning
from optbench.suite.claim import Claim
from optbench.suite.document import Suite
from optbench.suite.grid import Grid
from optbench.suite.margins import Margins
from optbench.suite.provenance import Provenance
from optbench.suite.topic import Topic
from optbench.suite.workload import SplitSettings, Target, Workload

MOST = 10
MODELS: dict[tuple[str, ...], type[Model]] = {
    (): Suite,
    ("equal",): Margins,
    ("tuning",): Tuning,
    ("workloads",): Workload,
    ("workloads", "target"): Target,
    ("workloads", "split"): SplitSettings,
    ("candidates",): Candidate,
    ("candidates", "tuning"): CandidateTuning,
    ("grid",): Grid,
    ("claims",): Claim,
    ("topics",): Topic,
    ("provenance",): Provenance,
}
#: other spellings that a model accepts
ALIASES: dict[type[Model], tuple[str, ...]] = {
    Suite: ("grid",),
    Workload: ("normalizer", "regularizer"),
    Candidate: ("normalizer", "regularizer"),
}
EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "finite_number": "a finite number",
}


def refuse(origin: str, problems: Iterable[str]) -> OptbenchError:
    """One error for all problems of a file, one a line, whatever the names in them hold."""
    lines = list(dict.fromkeys(problems))
    more = [f"{origin}: … and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return OptbenchError("\n".join([visible(f"{origin}: {line}") for line in lines[:MOST]] + more))


def explain(error: ValidationError, raw: Mapping[str, Any]) -> list[str]:
    """The problems that pydantic found in `raw`, as texts such as 'candidates[2] "adm": optimizer: …'."""
    texts = []
    for found in error.errors(include_url=False):
        location: Sequence[str | int] = found["loc"]
        kind = found["type"]
        if kind == "extra_forbidden":
            location, field = location[:-1], str(location[-1])
            model = MODELS[_table_of(location)]
            names = [*model.model_fields, *ALIASES.get(model, ())]
            text = f"there is no field {field!r}; {near(field, names)}"
        elif kind == "missing":
            location, field = location[:-1], str(location[-1])
            text = f"{field} is missing"
        else:
            text = _words(kind, found)
            if found.get("ctx", {}).get("whole"):
                location = location[:-1]
        where = place(raw, location)
        texts.append(f"{where}: {text}" if where else text)
    return texts


def _table_of(location: Sequence[str | int]) -> tuple[str, ...]:
    """Which table of the format this is: without numbers, and without the names that `provenance` goes by."""
    path = tuple(str(part) for part in location if not isinstance(part, int))
    return path[:1] if path[:1] == ("provenance",) else path


def place(raw: Any, location: Sequence[str | int]) -> str:
    """A path as a reader of the file sees it, tables of a list with their index (from 0) and name."""
    text, value = "", raw
    for part in location:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(part, int):
            text += f"[{part}]"
            if isinstance(value, Mapping):
                label = value.get("name", value.get("statement"))
                text += f' "{label[:40]}"' if isinstance(label, str) and label else ""
                text += ": "
        else:
            text += part if not text or text.endswith(": ") else f".{part}"
    return text.removesuffix(": ")


def _words(kind: str, found: Mapping[str, Any]) -> str:
    value, context = found["input"], found.get("ctx", {})
    if kind in EXPECTED:
        return f"must be {EXPECTED[kind]}, got {short(value)}"
    if kind == "literal_error":
        names = re.findall(r"'([^']*)'", context["expected"])
        return f"must be {context['expected']}, got {short(value)}" + (
            f"; {hint}" if isinstance(value, str) and (hint := near(value, names)).startswith("did") else ""
        )
    bounds = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    for name, words in bounds.items():
        if kind.startswith(("greater", "less")) and name in context:
            return f"must be {words} {context[name]:g}, got {short(value)}"
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "optbench":
        return context["message"]
    return f"{found['msg']}, got {short(value)}"
