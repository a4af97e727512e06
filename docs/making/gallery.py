"""Every figure that a run has, from a small real run: made at build, and kept as results are, by optbench itself."""

import shutil

import optbench
from making.drawn import element
from making.links import DOCS
from making.pages import Pages
from making.tables import code, heading, html

RUN = """import optbench

results = optbench.run(
    "quick",
    workloads=["spirals-mlp", "noisy-mlp", "teacher-mlp"],
    candidates=["sgd", "momentum", "adam"],
    trials=4,
    seeds=5,
)"""
#: the same, where it is kept
PLACE = DOCS / "build" / "gallery"


def results() -> optbench.Results:
    asked = RUN.replace("seeds=5,", "seeds=5, engine='local:2', out=PLACE, report=False,")
    names: dict[str, object] = {"PLACE": PLACE}
    try:
        exec(asked, names)
    except optbench.OptbenchError:  # kept by another version
        shutil.rmtree(PLACE, ignore_errors=True)
        exec(asked, names)
    made = names["results"]
    assert isinstance(made, optbench.Results)
    return made


def made(pages: Pages) -> None:
    found = results()
    lines = [
        *heading("Gallery"),
        "The figures of one small run, as its report has them. Each is a method of ``results.plot``, which gives a",
        "matplotlib figure; ``optbench figures`` writes all of them as files.",
        "",
        *code("python", RUN),
    ]
    told = dict(described(found))
    for name in dir(found.plot):
        figure = getattr(found.plot, name)()
        lines += [
            *heading(name.replace("_", " ").capitalize().replace("ecdf", "ECDF"), "-"),
            *html(element(figure, f"gallery-{name}", told[name], split=True)),
            *code("python", f"results.plot.{name}()"),
        ]
    pages.write("gallery/index.rst", "\n".join(lines))


def described(found: optbench.Results) -> list[tuple[str, str]]:
    """(name, what it shows), as `results.plot` itself says them."""
    rows = [line.strip().partition("  ") for line in repr(found.plot).splitlines()[1:]]
    return [(name, said.strip()) for name, _, said in rows]
