"""Every field of a suite's file, from the models that read it; docs/suites.md says what each is for."""

import re
from typing import Any

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


def made(pages: Pages) -> None:
    lines = [
        *heading("Fields of a suite"),
        "Every field that a suite's file may have, as the program checks it. What each is for, with examples:",
        ":doc:`/suites`.",
        "",
    ]
    for place, model in MODELS.items():
        title, anchor = SECTIONS[place]
        rows = [row(name, field) for name, field in model.model_fields.items()]
        other = "another spelling of the list, with one entry"
        rows += [(f"``{alias}``", other, "", "") for alias in ALIASES.get(model, ())]
        lines += [
            *heading(title, "-"),
            f"`What it is for <../../suites.html#{anchor}>`__",
            "",
            *table(("field", "type", "default", "bounds"), rows, (22, 34, 22, 22)),
        ]
    pages.write("reference/fields/index.rst", "\n".join(lines))


def row(name: str, field: Any) -> tuple[str, str, str, str]:
    default = "required" if field.is_required() else f"``{told(field.get_default(call_default_factory=True))}``"
    bounds = ", ".join(
        f"{sign} {getattr(one, key):g}"
        for one in field.metadata
        for key, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if hasattr(one, key)
    )
    return f"``{name}``", f"``{typed(field.annotation)}``", default, bounds


def told(value: Any) -> str:
    """A default as TOML would have it; a table's is its fields' own."""
    if hasattr(value, "model_fields"):
        return "as its table says"
    if value is None or value in ((), [], {}):
        return "none"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def typed(annotation: Any) -> str:
    text = re.sub(r"Annotated\[([^,\[\]]+)(?:,[^\[\]]*(?:\[[^\]]*\])?[^\[\]]*)\]", r"\1", str(annotation))
    text = re.sub(r"<class '([\w.]+)'>", r"\1", text)
    text = re.sub(r"(?:\w+\.)+(\w+)", r"\1", text)
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}.get(text, text)
