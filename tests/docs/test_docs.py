"""What the docs say is true: hooks have examples that run, commands have help, and the pages' commands exist."""

import ast
import doctest
import re
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import typer

from optbench.cli import app, main
from optbench.contract import hookspecs
from optbench.registry.registry import HOOKS, Registry

ROOT = Path(__file__).parents[2]
GROUP = typer.main.get_command(app)
COMMANDS = sorted(GROUP.commands)
#: of the program itself
OPTIONS = {"--help", *(option for parameter in GROUP.params for option in parameter.opts)}
#: what others script
PROMISED = {
    "run": {
        "suite", "--engine", "--out", "--seeds", "--trials", "--candidate", "--workload", "--fresh",
        "--no-report",
    },
    "report": {"folder", "--out"},
    "list": {"kind", "--json"},
    "plugins": set(),
    "export": {"folder", "--format", "--out"},
}  # fmt: skip


# --------------------------------------------------------------------------------------------------- hooks


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_an_example_that_runs_and_registers(hook):
    documented = getattr(hookspecs, hook)
    test = doctest.DocTestParser().get_doctest(documented.__doc__, {"np": np}, hook, None, None)
    assert test.examples, f"{hook} has no example"
    result = doctest.DocTestRunner().run(test, clear_globs=False)
    assert result.failed == 0

    registry = Registry()
    registry.register(SimpleNamespace(**{hook: test.globs[hook]}), "docs:example", "docs", "1.0")
    assert registry.problems == []
    offers = registry.plugins["docs:example"].offers
    kind = hook.removeprefix("optbench_")
    if hook == "optbench_trial_finished":
        registry.observe(SimpleNamespace(workload={"name": "moons"}), SimpleNamespace(outcome="done"))
        assert registry.problems == []
    elif kind == "adapts":
        assert registry.adapt(int, "mine") is None
        rule = type("Mine", (test.globs["Rule"],), {})
        assert registry.adapt(rule, "mine").name == "mine"
    elif kind == "resolvers":
        assert offers == {kind: ["rule"]}
        assert registry.create("optimizers", {"name": "rule:numpy:sign"}).name == "rule:numpy:sign"
    else:
        assert list(offers) == [kind]
        for name in offers[kind]:
            if kind not in ("suites", "references"):
                assert registry.create(kind, {"name": name}).name == name


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_says_what_it_gives(hook):
    assert re.match(r"\w.{10,}", getattr(hookspecs, hook).__doc__)


# ------------------------------------------------------------------------------------------------ commands


def run_main(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return stop.value.code, capsys.readouterr()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_names_each_option(command, capsys):
    status, output = run_main([command, "--help"], capsys)
    assert status == 0
    assert output.err == ""
    for parameter in GROUP.commands[command].params:
        word = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.metavar or parameter.name
        assert word.lower() in output.out.lower(), f"{command} --help does not name {word}"
        assert parameter.help, f"{command}: {word} has no help"
    assert GROUP.commands[command].help


def test_the_help_lists_every_command(capsys):
    status, output = run_main(["--help"], capsys)
    assert status == 0
    for command in COMMANDS:
        assert re.search(rf"^\s+{command}\s", output.out, re.MULTILINE)


@pytest.mark.parametrize("command", sorted(PROMISED))
def test_commands_keep_their_names_and_options(command):
    names = {p.opts[0] if p.opts[0].startswith("-") else p.name for p in GROUP.commands[command].params}
    assert names >= PROMISED[command]


# -------------------------------------------------------------------------------------------------- pages

PAGES = [
    "README.md", "CONTRIBUTING.md", "docs/plugins.md", "docs/clusters.md", "docs/report.md", "docs/suites.md",
    "docs/runs.md", "docs/board.md", "docs/index.md", "docs/fairness.md",
    *(f"docs/{page.parent.name}/{page.name}" for page in sorted((ROOT / "docs").glob("[th]*[so]/*.md"))),
]  # fmt: skip


def blocks(text):
    """(language, code) of each fenced block, and each indented one as language ""."""
    fenced = re.findall(r"^```(\w*)[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return fenced + [("", b) for b in re.findall(r"(?:^ {4}.*\n)+", rest, re.MULTILINE)]


def commands_in(text):
    """Every `optbench …` command line of a page's code."""
    found = []
    for language, code in blocks(text):
        if language not in ("", "sh", "bash", "console", "shell"):
            continue
        for line in code.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|;|\|", line.strip().removeprefix("$ ")):
                words = shlex.split(part, comments=True)
                while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                    del words[0]
                if words[:1] == ["optbench"]:
                    found.append(words[1:])
    return found


def parse(words):
    """Parse a command line as the program does, without doing it."""
    context = GROUP.make_context("optbench", list(words))
    name, command, rest = GROUP.resolve_command(context, list(words))
    return command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES)
def test_commands_on_a_page_exist(page):
    lines = commands_in((ROOT / page).read_text(encoding="utf-8"))
    for words in lines:
        if not words:
            continue
        if words[0].startswith("--"):
            assert words[0] in OPTIONS
            continue
        try:
            parse(words)
        except Exception as error:
            pytest.fail(f"{page}: optbench {shlex.join(words)}: {error}")


def test_a_page_shows_every_command():
    page = ROOT / "docs" / "how-to" / "commands.md"
    shown = {words[0] for words in commands_in(page.read_text(encoding="utf-8")) if words}
    assert shown >= set(COMMANDS)


def test_a_wrong_command_on_a_page_would_be_found():
    page = "Text\n\n    optbench run quick --seedz 3   # a comment\n\n```sh\nNAME=1 optbench lsit\n```\n"
    assert commands_in(page) == [["lsit"], ["run", "quick", "--seedz", "3"]]
    for words in commands_in(page):
        with pytest.raises(Exception, match="No such"):
            parse(words)
    assert parse(["run", "quick", "--seeds", "3"]).params["seeds"] == 3


@pytest.mark.parametrize("page", PAGES)
def test_python_on_a_page_is_python(page):
    for language, code in blocks((ROOT / page).read_text(encoding="utf-8")):
        if language in ("python", "py"):
            ast.parse(code)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_files_that_a_page_links_to_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (ROOT / target).exists(), f"{page} links to {target}"


def test_the_readme_has_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install . && optbench run quick" in text
    assert 'pip install -e ".[test]" && pytest' in text


def test_the_changelog_has_the_version():
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_layout_in_contributing_is_the_tree():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tree = re.search(r"^```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    folder = ""
    for line in tree.splitlines():
        name = line.split()[0]
        folder = folder if line.startswith(" ") else name
        path = ROOT / folder / name if line.startswith(" ") else ROOT / name
        assert path.exists(), f"CONTRIBUTING.md: {path.relative_to(ROOT)}"
