"""The sections of docs/in-hand.md: what is in hand, the lines to a verdict, and programs that run them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "in-hand.md"
#: the section that has no lines to a verdict
LAST = "How this was measured"
#: what stands above a section's own thing in hand, where it is in memory
GIVEN = {
    "A DataFrame": "import sklearn.datasets\nframe = sklearn.datasets.load_wine(as_frame=True).frame\n"
    'frame = frame.rename(columns={"target": "label"})\n',
    "Arrays": "import sklearn.datasets\nx, y = sklearn.datasets.load_wine(return_X_y=True)\n",
    "A problem of one's own": "from dataclasses import dataclass\nimport numpy as np\nfrom optbench import Problem\n",
    "A torch module": "import torch\n",
    "A JAX model": "import jax\nimport jax.numpy as jnp\nimport numpy as np\nimport optax\n",
}
#: rows that need a plugin: its name and the library
BRIDGED = {
    "A torch optimizer": ("torch", "torch"),
    "A torch module": ("torch", "torch"),
    "A JAX model": ("optax", "jax"),
}
#: where the plugins' packages are
SOURCES = {
    "torch": ROOT / "plugins" / "optbench-torch" / "src" / "optbench_torch",
    "optax": ROOT / "plugins" / "optbench-optax" / "optbench_optax",
}
#: what a notebook does with the name in a cell's last line
SHOWN = 'print(*results.verdict().sentences(), sep="\\n")\n'


@dataclass(frozen=True)
class Row:
    """A section: its heading, the language of its lines, these, and the code that is in hand."""

    name: str
    language: str
    lines: str
    hand: str = ""

    @property
    def told(self) -> str:
        """Its name within a sentence."""
        return self.name[0].lower() + self.name[1:]

    @property
    def count(self) -> int:
        return sum(bool(line.strip()) for line in self.lines.splitlines())


def rows(text: str | None = None) -> list[Row]:
    """All sections but the last, in the page's order."""
    found = []
    for part in re.split(r"^## ", text or PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name = part.splitlines()[0]
        if name == LAST:
            continue
        blocks = re.findall(r"^```(console|python)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        (language, lines), hand = blocks[-1], "".join(code for _, code in blocks[:-1])
        found.append(Row(name, language, lines, hand))
    return found


def readme_class() -> str:
    """The README's Lion."""
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if "class Lion(Optimizer)" in block)


def laid_out(row: Row, folder: Path) -> list[str]:
    """Put what is in hand into `folder`; the program in it that goes on to the verdict, or the command's words."""
    import sklearn.datasets

    lion = readme_class()
    (folder / "lion.py").write_text(lion, encoding="utf-8")
    (folder / "mine.py").write_text(row.hand, encoding="utf-8")
    frame = sklearn.datasets.load_wine(as_frame=True).frame.rename(columns={"target": "label"})
    frame.to_csv(folder / "my.csv", index=False)
    plugin(folder, "lion", ROOT / "plugins" / "optbench-lion" / "optbench_lion.py")
    if row.language == "console":
        (line,) = row.lines.strip().splitlines()
        return ["-m", "optbench.cli", *line.split()[1:]]
    given = lion if row.name == "A class in a notebook" else GIVEN.get(row.name, "") + row.hand
    (folder / "cell.py").write_text(f"{given}\n{row.lines}{SHOWN}", encoding="utf-8")
    return ["cell.py"]


def plugin(folder: Path, name: str, module: Path) -> None:
    """What pip does with a plugin: its module is found in `folder`, and its entry point."""
    if not (folder / module.name).exists():
        (folder / module.name).symlink_to(module)
    info = folder / f"optbench_{name}-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: optbench-{name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[optbench]\n{name} = optbench_{name}\n", encoding="utf-8")


def table(seconds: dict[str, tuple[str, str]], found: list[Row]) -> str:
    """The page's table; `seconds` are those of the clock and of the processor by a row's name."""
    head = "| in hand | lines | seconds | of processor time |\n|---|---:|---:|---:|\n"
    lines = ((row.told, str(row.count), *seconds.get(row.name, ("", ""))) for row in found)
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
