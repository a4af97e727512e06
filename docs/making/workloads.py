"""A page for each suite and each workload: what it is made of, its target, and where it is from."""

from typing import Any

from making.api import linked
from making.components import FIELDS
from making.docstrings import inline
from making.pages import Pages
from making.suites import network_of, suite, workloads
from making.tables import code, contents, heading, html, settings, table, told
from optbench.registry.registry import registry

#: fields of a workload that hold components -> their kind
HOLD = {
    **{field: kind for kind, field in FIELDS.items()},
    "initializer": "initializers",
    "schedule": "schedules",
    "normalizers": "normalizers",
    "regularizers": "regularizers",
}


def made(pages: Pages, pictures: dict[Any, str]) -> None:
    found = workloads()
    for name, (home, workload) in found.items():
        picture = pictures.get(("workloads", home, name), "")
        pages.write(f"reference/workloads/{name}.rst", "\n".join(page(home, workload, picture)))
    rows = [
        (f":doc:`{name} <{name}>`", f"``{home}``", inline(w.title or ""), inline(w.family))
        for name, (home, w) in sorted(found.items())
    ]
    pages.write("reference/workloads/index.rst", "\n".join([
        *heading("Workloads"),
        "What candidates are trained on, of every suite that comes with optbench. A suite of one's own has its own.",
        "",
        *table(("name", "suite", "what", "family"), rows, (22, 16, 46, 16)),
        *contents(sorted(found)),
    ]))  # fmt: skip
    for name in registry().suites:
        pages.write(f"reference/suites/{name}.rst", "\n".join(of_suite(name)))
    names = sorted(registry().suites)
    pages.write("reference/suites/index.rst", "\n".join([
        *heading("Suites that come with optbench"),
        *table(("", ""), ((f":doc:`{n} <{n}>`", inline(suite(n).title)) for n in names), (20, 80)),
        *contents(names),
    ]))  # fmt: skip


def page(home: str, workload: Any, picture: str) -> list[str]:
    fields = workload.model_dump(mode="json")
    rows = [(field, held(kind, fields.get(field))) for field, kind in HOLD.items()]
    if not workload.bare:
        rows.append(("parameters", f"{network_of(home, workload.name).layout.size:,}"))
    budget = f"{workload.epochs:,} epochs" if workload.epochs else f"{workload.steps:,} steps"
    rows += [("batch size", str(workload.batch_size)), ("budget", budget), ("dtype", workload.dtype or "")]
    rows += [("family", inline(workload.family)), ("variant of", workload.variant_of or "")]
    return [
        *heading(workload.name),
        inline(workload.title or "") + ".",
        "",
        *([inline(workload.shows), ""] if workload.shows else []),
        *html(picture),
        *table(("", ""), [row for row in rows if row[1]], (25, 75)),
        *target(workload),
        *provenance(home, workload.name),
        *heading("Run it", "-"),
        *code("console", f"optbench run {home} --workload {workload.name}"),
        f"A workload of the suite :doc:`/reference/suites/{home}`.",
        "",
    ]


def held(kind: str, given: Any) -> str:
    """A component of the workload with the settings that are not its own by default."""
    if isinstance(given, list):
        return "; ".join(held(kind, one) for one in given)
    if not given:
        return ""
    name = given.get("name", given.get("kind"))
    rest = {k: v for k, v in given.items() if k not in ("name", "kind")}
    if name not in registry().components[kind]:
        return inline(str(name))
    return f":doc:`{name} </reference/components/{kind}/{name}>`" + (f": {inline(settings(rest))}" if rest else "")


def target(workload: Any) -> list[str]:
    wanted = workload.target
    if wanted is None:
        return ["It has no target: results are compared at the end of the budget.", ""]
    levels = wanted.ladder or (wanted.value,)
    return [
        *heading("Target", "-"),
        f"``{wanted.metric}`` reaches, from easy to hard: {', '.join(f'{level:g}' for level in levels)}.",
        "",
    ]


def provenance(home: str, name: str) -> list[str]:
    found = suite(home).provenance.get(name)
    if found is None:
        return []
    rows = [(field, inline(told(value))) for field, value in found.model_dump(mode="json").items() if value]
    return [*heading("Where the target comes from", "-"), *table(("", ""), rows, (25, 75))]


def of_suite(name: str) -> list[str]:
    found = suite(name)
    rows = [
        (f":doc:`{w.name} </reference/workloads/{w.name}>`", inline(w.title or ""), inline(w.shows))
        for w in found.workloads
    ]
    candidates = ", ".join(f"``{c.name}``" for c in found.candidates)
    return [
        *heading(name),
        inline(found.title, linked) + ".",
        "",
        *([inline(" ".join(found.description.split()), linked), ""] if found.description else []),
        f"{found.seeds} seeds; tuning: {found.tuning.trials} trials, {found.tuning.studies} "
        "studies of a candidate on a workload.",
        "",
        *code("console", f"optbench run {name}"),
        *heading("Workloads", "-"),
        *table(("name", "what", "shows"), rows, (25, 40, 35)),
        *heading("Candidates", "-"),
        candidates + ".",
        "",
        "",
    ]
