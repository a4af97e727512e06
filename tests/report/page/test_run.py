import base64
import hashlib
from html.parser import HTMLParser
from urllib.parse import unquote

import pandas as pd
import pytest

from optbench.contract.errors import OptbenchError
from optbench.report import write
from optbench.report.page.run import choices, kinds_of
from optbench.report.page.saving import show
from optbench.report.parts import Picture
from optbench.report.sections import context

VOID = {"meta", "br", "img", "hr", "link", "input", "use", "path"}
SECTIONS = [
    "leaderboard", "claims", "claims-2", "heat-map", "workloads", "curves", "profile", "targets", "time-to-target",
    "tuning", "rate-sensitivity", "ranks", "improvement", "generalization", "outcomes", "methods", "environment",
    "plugins", "suite",
]  # fmt: skip


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects ids, addresses and tags."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.ids, self.addresses, self.tags, self.texts = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self._seen(tag, attrs)
        if tag not in VOID - {"use", "path"}:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self._seen(tag, attrs)

    def _seen(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.addresses.append(value)
            assert not name.startswith("on"), name

    def handle_endtag(self, tag):
        assert self.stack, tag
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def written(tmp_path_factory, make_results):
    results = make_results(["sgd", "adam", "adamw"], ["digits-mlp", "moons-mlp"], seeds=3, tune=4, points=8)
    folder = tmp_path_factory.mktemp("report")
    return folder, write(results, folder).read_text(encoding="utf-8")


def test_the_page_is_well_formed_with_all_sections_and_unique_ids(written):
    page = Page(written[1])
    assert [i for i in page.ids if i in SECTIONS] == SECTIONS
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("h1") == 1
    assert page.tags.count("main") == 1
    assert page.tags.count("figure") == 18
    assert set(SECTIONS) <= {a[1:] for a in page.addresses}  # the contents name all
    assert "could not be drawn" not in written[1]


def test_the_verdict_comes_first(written):
    text = "".join(Page(written[1]).texts)
    assert text.index("0.85 [0.77, 0.91]") < text.index("Learning curves")


def test_nothing_is_asked_of_a_network(written):
    folder, text = written
    for address in Page(text).addresses:
        assert address.startswith(("#", "figures/", "tables/")), address
        if not address.startswith("#"):
            assert (folder / address).stat().st_size > 50
    assert "@import" not in text
    assert "url(http" not in text
    assert text.count("<script") == 1


def test_the_page_runs_its_own_script_and_no_other(written):
    text = written[1]
    script = text[text.index("<script>") + len("<script>") : text.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


def test_every_reference_within_the_page_leads_somewhere(written):
    page = Page(written[1])
    assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(page.ids)


def test_every_figure_is_written_as_svg(written):
    folder, text = written
    names = {p.name for p in (folder / "figures").iterdir()}
    drawn = {name.rpartition(".")[0] for name in names}
    assert {"leaderboard", "heat-map", "learning-curves", "target-ecdf", "ranks", "tuning-curves"} <= drawn
    assert names == {f"{name}.svg" for name in drawn}
    assert all(f"figures/{name}" in text for name in names)


def test_files_of_other_formats_are_made_where_they_are_asked_for_or_there(tmp_path, make_results):
    results = make_results(["sgd", "adam"], ["moons-mlp"], seeds=2, tune=2, points=3)
    text = write(results, tmp_path / "all", figures=True).read_text(encoding="utf-8")
    names = {path.name for path in (tmp_path / "all" / "figures").iterdir()}
    assert names == {f"{path.rpartition('.')[0]}.{kind}" for path in names for kind in ("png", "svg", "pdf")}
    assert all(f'href="figures/{name}"' in text for name in names)
    assert (tmp_path / "all" / "figures" / "training-loss.pdf").read_bytes().startswith(b"%PDF-")
    old = tmp_path / "some" / "figures" / "training-loss.png"
    old.parent.mkdir(parents=True)
    old.write_text("a figure of other results")
    text = write(results, tmp_path / "some").read_text(encoding="utf-8")
    assert old.read_bytes() == (tmp_path / "all" / "figures" / "training-loss.png").read_bytes()
    assert {path.suffix for path in old.parent.iterdir()} == {".svg", ".png"}
    assert 'href="figures/training-loss.png"' in text
    assert "training-loss.pdf" not in text


def test_tables_are_written_as_latex_and_csv(written):
    folder, text = written
    names = {p.name for p in (folder / "tables").iterdir()}
    assert {"leaderboard.csv", "leaderboard.tex", "workloads.csv", "pairs.tex", "claims.tex"} <= names
    assert all(f"tables/{name}" in text for name in names)
    board = pd.read_csv(folder / "tables" / "leaderboard.csv")
    assert list(board["candidate"]) == ["adamw", "adam", "sgd"]
    assert board["score"].iloc[0] == 0.85
    tex = (folder / "tables" / "leaderboard.tex").read_text(encoding="utf-8")
    assert tex.count(r"\toprule") == tex.count(r"\bottomrule") == 1
    assert r"0.85 [0.77, 0.91]" in tex


def test_failures_environment_suite_and_problems_are_told(written):
    text = "".join(Page(written[1]).texts)
    assert "loss became nan" in text
    assert "versions.numpy" in text
    assert "2.4.6" in text
    assert "quasirandom" in text
    assert "No module named" in text or "no module named" in text


def test_hostile_names_do_not_execute(tmp_path, make_results):
    attack = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    results = make_results([attack, "adam"], [attack + "w"], seeds=2, tune=2, points=3)
    results.title = attack
    results.problems = [attack]
    results.trials.loc[0, ["outcome", "message", "traceback"]] = ["error", attack, attack]
    results.environment = {"cpu": attack, attack: 1}
    results.claims_frame = results.claims_frame.assign(
        statement=attack, topic=attack, source=attack, verdict=attack, metric=attack
    )
    text = write(results, tmp_path).read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert "could not be drawn" not in text


class Nothing:
    trials = curves = costs = pd.DataFrame()
    suite: dict = {}
    environment: dict = {}
    problems: list = []
    title = ""

    def leaderboard(self):
        return pd.DataFrame()

    def claims(self):
        return pd.DataFrame()


def test_a_run_without_any_trial_has_a_page(tmp_path):
    text = write(Nothing(), tmp_path).read_text(encoding="utf-8")
    Page(text)
    assert "No verdict yet" in text
    assert "could not be drawn" not in text


def test_out_names_the_page_and_links_lead_to_the_figures(tmp_path, make_results):
    results = make_results(["sgd", "adam"], ["w"], seeds=2, tune=2, points=3)
    page = write(results, tmp_path / "run", tmp_path / "pages" / "a page.html")
    assert page == tmp_path / "pages" / "a page.html"
    links = [a for a in Page(page.read_text(encoding="utf-8")).addresses if not a.startswith("#")]
    assert links
    assert all((page.parent / unquote(link)).exists() for link in links)


def test_a_page_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptbenchError, match="cannot write the report"):
        write(Nothing(), tmp_path / "file" / "folder")


def test_a_figure_that_fails_is_told_in_its_place(tmp_path):
    def fails():
        raise ValueError("no such thing")

    shown = show(Picture("x", "an x", "", fails), tmp_path, tmp_path / "report.html")()
    assert shown.problem == "ValueError: no such thing"


def test_candidates_are_chosen_by_kinds_that_group_them(judged):
    about = context(judged)
    assert kinds_of(about)["adam"]["schedule"] == "cosine"
    assert choices(about) == {"schedule": ["constant", "cosine"]}  # every optimizer is another: no groups
