"""A page for each component of the registry: what it does in a picture, its formula, settings, source and use."""

import inspect
from typing import Any

from making.api import home_of, linked
from making.docstrings import inline, rst, summary
from making.pages import Pages
from making.suites import component, workloads
from making.suites import named as has
from making.tables import code, contents, heading, html, settings, table
from optbench.registry.registry import Entry, registry

#: kind -> what its page begins with
KINDS = {
    "optimizers": "What moves the parameters.",
    "schedules": "A factor on every learning rate, as training goes on.",
    "initializers": "The first values of the weights.",
    "regularizers": "What holds back overfitting: penalties, constraints, layers, changed batches, stopping early.",
    "normalizers": "What keeps inputs or activations on one scale.",
    "networks": "Network kinds; a workload says of which size.",
    "datasets": "What networks are trained on. Nothing is downloaded, but for sets of OpenML when they are asked for.",
    "functions": "Analytic functions of a few variables.",
    "problems": "Anything with a loss and a gradient.",
}
#: the field of a workload, and of a candidate, that holds a component of each kind
FIELDS = {"datasets": "dataset", "networks": "network", "functions": "function", "problems": "problem"}
NO_PICTURE = "It reads a file of yours, or is fetched from OpenML when it is asked for: there is no picture of it here."


def made(pages: Pages, pictures: dict[Any, str]) -> None:
    found = registry().components
    for kind, sentence in KINDS.items():
        names = sorted(found[kind])
        for name in names:
            lines = page(kind, name, found[kind][name], pictures.get(("components", kind, name), ""))
            pages.write(f"reference/components/{kind}/{name}.rst", "\n".join(lines))
        rows = [
            (f":doc:`{name} <{name}>`", inline(summary(found[kind][name].component.__doc__), linked)) for name in names
        ]
        lines = [*heading(kind.capitalize()), sentence, "", *table(("", ""), rows, (25, 75)), *contents(names)]
        pages.write(f"reference/components/{kind}/index.rst", "\n".join(lines))
    pages.write("reference/components/index.rst", "\n".join([
        *heading("Components"),
        "All that is registered under a name, each kind with a page for every one. Plugins add to them.",
        "",
        *table(("kind", "how many", "what"), (
            (f":doc:`{kind} <{kind}/index>`", str(len(found[kind])), sentence) for kind, sentence in KINDS.items()
        ), (20, 15, 65)),
        *contents(f"{kind}/index" for kind in KINDS),
    ]))  # fmt: skip


def page(kind: str, name: str, entry: Entry, picture: str) -> list[str]:
    cls = entry.component
    base = next(b.__name__ for b in cls.__mro__[1:] if b.__module__.startswith("optbench.contract"))
    source = getattr(cls, "source", "")
    return [
        *heading(name),
        f"A component of kind *{kind.removesuffix('s')}* (:py:obj:`{base} <optbench.{base}>`), of "
        f"``{entry.distribution}``.",
        "",
        rst(inspect.getdoc(cls) or "", linked),
        *(html(picture) or ([NO_PICTURE, ""] if kind == "datasets" else [])),
        *hyperparameters(cls),
        *([*heading("Source", "-"), inline(source), ""] if source else []),
        *([*heading("Reference", "-"), inline(cls.reference), ""] if cls.reference else []),
        *facts(kind, name, cls),
        *heading("Use it", "-"),
        *use(kind, name),
        *used(kind, name),
        f"Defined in ``{home_of(cls)}``.",
        "",
    ]


def hyperparameters(cls: Any) -> list[str]:
    found = cls.hyperparameters()
    rows = []
    for name, spec in found.items():
        searched = ", ".join(map(str, spec.choices)) if spec.choices else ""
        if spec.low is not None and spec.high is not None:
            searched = f"{spec.low:g} to {spec.high:g}, {spec.scale}"
        valid = f"``{spec.valid}``" if spec.valid is not None else "any"
        told = inline(searched) or "not searched"
        default = f"``{spec.default}``" if spec.default != "" else "an empty text"
        rows.append((f"``{name}``", default, told, valid, inline(spec.help)))
    if not rows:
        return ["It has no hyperparameters.", ""]
    head = ("name", "default", "searched", "valid", "what")
    return [*heading("Hyperparameters", "-"), *table(head, rows, (16, 14, 26, 16, 28))]


def facts(kind: str, name: str, cls: Any) -> list[str]:
    """Of an optimizer: what it equals, and what changes nothing; the conformance kit tests both."""
    if kind != "optimizers":
        return []
    lines = []
    for other, own, *theirs in cls.special_cases:
        right = f"``{other}``" + (f" with ``{settings(theirs[0])}``" if theirs else "")
        lines.append(f"- With ``{settings(own)}`` it equals {right}.")
    one = component(kind, name)
    claimed = one.invariances() if one is not None else ()
    if claimed:
        lines.append(f"- Its path stays as it is under a change of {' and '.join(claimed)}.")
    return [*heading("What the conformance kit holds it to", "-"), *lines, ""] if lines else []


def use(kind: str, name: str) -> list[str]:
    singular = kind.removesuffix("s")
    several = sum(name in names for names in registry().components.values()) > 1
    made = f'get("{name}", kind="{singular}")' if several else f'get("{name}")'
    if component(kind, name) is None:
        made = made.replace(")", ", ...)")
    lines = code("python", f"from optbench import get\n\n{made}")
    if kind == "optimizers":
        beside = "adam" if name != "adam" else "sgd"
        run = f"optbench run quick --candidate {name} --candidate {beside}"
        return [*lines, *code("console", f"{run}\noptbench check {name}")]
    return [*lines, *code("console", f"optbench check {name}")] if not several else lines


def used(kind: str, name: str) -> list[str]:
    """The workloads that have it."""
    field = FIELDS.get(kind)
    if field is None:
        return []
    found = [f":doc:`/reference/workloads/{w.name}`" for _, w in workloads().values() if has(getattr(w, field), name)]
    return [*heading("Workloads with it", "-"), ", ".join(found) + ".", ""] if found else []

