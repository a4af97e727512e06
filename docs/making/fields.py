"""Every field of a suite's file, from the models that read it; docs/suites.md has them with examples."""

import json
import math
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from making.api import linked
from making.docstrings import inline, meanings
from making.pages import Pages
from making.tables import heading, table
from optbench.suite.problems import ALIASES, MODELS

#: table of the format -> (how its heading is written in TOML, the section of docs/suites.md)
SECTIONS = {
    (): ("the suite", "the-suite"),
    ("equal",): ("[equal]", "equality"),
    ("tuning",): ("[tuning]", "tuning"),
    ("workloads",): ("[[workloads]]", "workloads"),
    ("workloads", "target"): ("target of a workload", "target"),
    ("workloads", "split"): ("split of a workload", "split"),
    ("candidates",): ("[[candidates]]", "candidates"),
    ("candidates", "tuning"): ("tuning of a candidate", "a-candidates-tuning"),
    ("grid",): ("[[grid]]", "grid"),
    ("claims",): ("[[claims]]", "claims"),
    ("topics",): ("[[topics]]", "topics"),
    ("provenance",): ("[provenance]", "provenance"),
}


#: fields that hold components, and those that hold several of them
ONE = {"dataset", "network", "function", "problem", "initializer", "schedule", "optimizer"}
SEVERAL = {"normalizers", "regularizers"}
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "any value"}


def made(pages: Pages) -> None:
    lines = [
        *heading("Fields of a suite"),
        "Every field that a suite's file may have, as the program checks it. With examples: :doc:`/suites`.",
        "",
    ]
    for place, model in MODELS.items():
        title, anchor = SECTIONS[place]
        said = meanings(model)
        rows = [row(name, field, said.get(name, "")) for name, field in model.model_fields.items()]
        other = "another spelling of the list, with one entry"
        rows += [(f"``{alias}``", other, "", "", "") for alias in ALIASES.get(model, ())]
        lines += [
            *heading(title, "-"),
            f"`With examples <../../suites.html#{anchor}>`__",
            "",
            *table(("field", "what", "type", "default", "bounds"), rows, (16, 40, 18, 14, 12)),
        ]
    pages.write("reference/fields/index.rst", "\n".join(lines))


def row(name: str, field: Any, said: str) -> tuple[str, str, str, str, str]:
    default = "required" if field.is_required() else told(field.get_default(call_default_factory=True))
    bounds = ", ".join(
        f"{sign} {number(getattr(one, key))}"
        for one in field.metadata
        for key, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if hasattr(one, key)
    )
    kind = typed(field.annotation)
    if field.annotation is Any and name in ONE | SEVERAL:
        kind = "component: its name, or a table" if name in ONE else "components: names, or tables"
    return f"``{name}``", inline(said, linked), inline(kind), default, bounds


def number(value: float) -> str:
    power = math.log2(value) if value > 1e15 else 0.5
    return f"2^{power:.0f}" if power == int(power) else f"{value:g}"


def told(value: Any) -> str:
    """A default as TOML would have it; a table's is its fields' own."""
    if isinstance(value, BaseModel):
        return "as its table says"
    if value is None or value in ((), [], {}, ""):
        return "none"
    return f"``{json.dumps(value, ensure_ascii=False)}``"


def typed(annotation: Any, several: bool = False) -> str:
    """A type in TOML's words; `several` of it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return typed(arguments[0], several)
    if origin in (Union, types.UnionType):
        kinds = [typed(one, several) for one in arguments if one is not types.NoneType]
        return " or ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return " or ".join(json.dumps(one) for one in arguments)
    ending = "s" if several else ""
    if origin in (tuple, list):
        many = [one for one in arguments if one is not Ellipsis]
        return f"list{ending} of {'two ' if len(many) == 2 else ''}{typed(many[0], several=True)}"
    if origin in (dict, Mapping):
        return f"table{ending} of {typed(arguments[1], several=True)}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"table{ending}"
    word = WORDS.get(annotation, getattr(annotation, "__name__", str(annotation)))
    return word if annotation is bool else f"{word}{ending}"
