"""Every catalogue has all marked texts, with their fields, and nothing else: by parsers of our own and by Babel."""

import ast
import re
import string
import tomllib
from gettext import GNUTranslations
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from optbench.language import extract, languages
from optbench.language.suites import messages

HERE = Path(extract.__file__).parent
PACKAGE = HERE.parent
LANGUAGES = [name for name in languages() if name != "en"]


def marked_in_python():
    found = []
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "_(" in text and "optbench.language" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
                found += [a.value for a in node.args[:1] if isinstance(a, ast.Constant) and a.value]
    return found


def marked_in_templates():
    found = []
    for path in (PACKAGE / "report" / "templates").rglob("*.j2"):
        for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_":
                found += [a.value for a in call.args[:1] if isinstance(a, nodes.Const)]
    return found


def in_suites():
    texts = [(files("optbench_suites") / name).read_text(encoding="utf-8") for name in extract.SUITES]
    return [message for text in texts for message in messages(tomllib.loads(text))]


def catalogue(language):
    with (HERE / language / "LC_MESSAGES" / "optbench.mo").open("rb") as file:
        return {k: v for k, v in GNUTranslations(file)._catalog.items() if k}


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.fixture(scope="module")
def marked():
    return set(marked_in_python()) | set(marked_in_templates()) | set(in_suites())


def test_chinese_is_there():
    assert "zh" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_all_marked_texts_and_no_other(language, marked):
    assert len(marked) > 600
    assert marked == set(catalogue(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fuzzy_obsolete_or_empty(language):
    text = (HERE / language / "LC_MESSAGES" / "optbench.po").read_text(encoding="utf-8")
    assert not re.search(r"^#, .*fuzzy|^#~", text, re.MULTILINE)
    assert all(said.strip() for said in catalogue(language).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_fields_of_their_texts(language):
    suites = set(in_suites())
    code = {text: said for text, said in catalogue(language).items() if text not in suites}
    wrong = {text: said for text, said in code.items() if fields(text) != fields(said)}
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_differs_in_english_differs_in_translation(language):
    """Titles are names in legends, panels and tables: two that became one would be mistaken."""
    suite = tomllib.loads((files("optbench_suites") / "fundamentals.toml").read_text(encoding="utf-8"))
    said = catalogue(language)
    for kind, field in (("candidates", "title"), ("workloads", "title"), ("topics", "name"), ("claims", "statement")):
        texts = {table[field] for table in suite[kind] if table.get(field)}
        assert len({said[text] for text in texts}) == len(texts), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_differ_in_comments_alone(language):
    said = catalogue(language)
    suite = tomllib.loads((files("optbench_suites") / "fundamentals.toml").read_text(encoding="utf-8"))
    programs = [topic["exercise"].strip() for topic in suite["topics"] if "import" in (topic.get("exercise") or "")]
    assert programs
    for text in programs:
        assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(said[text]))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_files_are_what_babel_extracts_and_compiles_today(language):
    pytest.importorskip("babel")
    po = HERE / language / "LC_MESSAGES" / "optbench.po"
    old = extract.read(po)
    held, today = (
        [(m.id, m.string, [file for file, _ in m.locations]) for m in c if m.id] for c in (old, extract.merged(old))
    )
    assert held == today, "run: python -m optbench.language.extract"
    assert {text: translation for text, translation, _ in held} == catalogue(language)
