"""What an index shows of the README: its links lead to the repository, whose files are not there."""

import re
import sys
import types
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = "https://example.org/optbench"


@pytest.fixture
def absolute(monkeypatch):
    """hatch_build.py, which is made for the environment that builds: of hatchling it takes a class alone."""
    interface = types.ModuleType("hatchling.metadata.plugin.interface")
    interface.MetadataHookInterface = object
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda text: module.absolute(text, SOURCE, "v1.2.3")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[a](docs/a.md)", f"[a]({SOURCE}/blob/v1.2.3/docs/a.md)"),
        ("[`a`](docs/a.md#b) and [c](c)", f"[`a`]({SOURCE}/blob/v1.2.3/docs/a.md#b) and [c]({SOURCE}/blob/v1.2.3/c)"),
        ("![a](docs/a.png)", f"![a]({SOURCE}/raw/v1.2.3/docs/a.png)"),
        ("[a](https://b.org/c) [d](#e) [f](mailto:g@h.org)", "[a](https://b.org/c) [d](#e) [f](mailto:g@h.org)"),
        ("0.6 [0.58, 0.63] (times)", "0.6 [0.58, 0.63] (times)"),
    ],
)
def test_links(absolute, text, shown):
    assert absolute(text) == shown


@pytest.mark.parametrize("page", ["README.md", *(str(p.relative_to(ROOT)) for p in ROOT.glob("plugins/*/README.md"))])
def test_no_page_of_an_index_has_a_link_of_the_repository_s_own(absolute, page):
    text = (ROOT / page).read_text(encoding="utf-8")
    text = absolute(text) if page == "README.md" else text
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", prose)
    assert targets
    assert [target for target in targets if not re.match(r"https?://|mailto:|#", target)] == []
