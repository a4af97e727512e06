"""Pages that are files elsewhere in the repository: contributing, the changelog, and a page for each plugin."""

from making.links import DOCS, ROOT, led
from making.pages import Pages


def made(pages: Pages) -> None:
    for file, page in (("CONTRIBUTING.md", "contributing"), ("CHANGELOG.md", "changelog")):
        text = (ROOT / file).read_text(encoding="utf-8")
        pages.write(f"project/{page}.md", led(text, ROOT, DOCS / "project"))
    names = []
    for readme in sorted(ROOT.glob("plugins/*/README.md")):
        name = readme.parent.name
        names.append(name)
        pages.write(f"plugins/{name}.md", led(readme.read_text(encoding="utf-8"), readme.parent, DOCS / "plugins"))
    pages.write("plugins/index.md", "\n".join([
        "# Distributions beside optbench",
        "",
        "Bridges to other libraries, reference results, and an example to copy. Each is installed by itself, from a",
        "clone with `pip install ./plugins/NAME`; [plugins](/plugins.md) says how to write one.",
        "",
        "```{toctree}",
        ":maxdepth: 1",
        "",
        *names,
        "```",
        "",
    ]))  # fmt: skip
