"""A notebook for each topic of `fundamentals`, made of its texts and of `examples/TOPIC.py`, in docs/lessons.

`python suites/lessons/notebooks.py` writes them; with `--check` it only names those that are stale, and exits with 1
where there are any. They hold no outputs: who opens one runs it.
"""

import argparse
import ast
import json
import sys
from pathlib import Path

from optbench.registry.catalogue import slug
from optbench.registry.registry import registry
from optbench.suite import Topic, load

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent / "examples"
NOTEBOOKS = ROOT / "docs" / "lessons"
#: as Jupyter writes it
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebooks() -> dict[Path, str]:
    """{file: its text} of all topics, and of a page that names them. No example: FileNotFoundError."""
    topics = load("fundamentals", registry()).topics
    made = {
        NOTEBOOKS / f"{slug(topic.name)}.ipynb": notebook(topic, number, example(topic))
        for number, topic in enumerate(topics, 1)
    }
    return made | {NOTEBOOKS / "index.md": index([path.stem for path in made])}


def index(names: list[str]) -> str:
    """The page that the documentation site has of them."""
    listed = "\n".join(names)
    return f"""# Lessons

A notebook for each topic of the course `fundamentals`: what goes wrong without it, the idea, its main claim in some
ten lines, and an exercise. `optbench lesson TOPIC` shows what many seeds say of it.

```{{toctree}}
:maxdepth: 1

{listed}
```
"""


def example(topic: Topic) -> tuple[str, str]:
    """(what is seen, code) of a topic's example: its docstring and what stands below."""
    text = (EXAMPLES / f"{slug(topic.name)}.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    first = ast.parse(text).body[0]
    return said, "\n".join(text.splitlines()[first.end_lineno :]).strip()


def notebook(topic: Topic, number: int, shown: tuple[str, str]) -> str:
    """The text of a topic's notebook."""
    said, code = shown
    formulas = "\n\n".join(f"$${line.strip()}$$" for line in topic.formula.splitlines() if line.strip())
    idea = "\n\n".join(filter(None, (topic.problem.strip(), topic.text.strip(), formulas)))
    cells = [markdown(f"# {number}. {topic.name}\n\n{idea}")]
    cells += [markdown(f"## What it does\n\n{said}"), source(code)]
    cells.append(markdown(f"**{topic.takeaway}**\n\n{topic.practice.strip()}"))
    if topic.exercise.startswith("optbench "):
        cells.append(markdown(f"## Exercise\n\nIn a terminal:\n\n```console\n{topic.exercise}\n```"))
    else:
        cells += [markdown("## Exercise"), source(topic.exercise)]
    told = f"Measured on many seeds: `optbench lesson {slug(topic.name)}`."
    cells.append(markdown(f"Source: {topic.source.rstrip('.')}.\n\n{told}"))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    whole = {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def markdown(text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def source(code: str) -> dict[str, object]:
    """A cell of code, not executed."""
    lines = code.splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}


def stale(made: dict[Path, str]) -> list[str]:
    """What is to be said of files that are not as they would be written, or that no topic has any more."""
    found = [
        f"{path.name}: {'stale' if path.is_file() else 'missing'}"
        for path, text in made.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    found += [f"{path.name}: of no topic" for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path not in made]
    known = {path.stem for path in made}
    others = [path.name for path in sorted(EXAMPLES.glob("*.py")) if path.stem not in known]
    return found + [f"examples/{name}: of no topic" for name in others]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    check = parser.parse_args().check
    made = notebooks()
    if check:
        print("\n".join(stale(made)) or f"{len(made)} files are as they would be written")
        return int(bool(stale(made)))
    NOTEBOOKS.mkdir(parents=True, exist_ok=True)
    for path in NOTEBOOKS.glob("*.ipynb"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(made)} files in {NOTEBOOKS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
