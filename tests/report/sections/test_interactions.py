"""The section of crossed components: from a real run, in sentences, pictures and a table."""

import pytest

import optbench
from optbench.report.sections import context, sections

SUITE = """
title = "Crossed"
seeds = 6
[tuning]
method = "none"
[[workloads]]
name = "bowl"
function = { name = "quadratic", dimension = 4, random_start = true }
steps = 600
target = { metric = "train_loss", value = 0.05 }
[[workloads]]
name = "steep"
function = { name = "quadratic", dimension = 4, condition = 10000.0, random_start = true }
steps = 30
target = { metric = "train_loss", value = 1e-9 }
[[grid]]
name = "rates"
optimizer = [{ name = "sgd", lr = 0.5, search = [] }, { name = "heavy-ball", lr = 0.5, beta = 0.5, search = [] }]
schedule = ["constant", { name = "exponential", label = "falling" }]
"""


@pytest.fixture(scope="module")
def crossed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crossed")
    path = folder / "crossed.toml"
    path.write_text(SUITE)
    return optbench.run(str(path), engine="serial", out=folder / "out", report=False)


def test_the_section_has_what_the_data_have(crossed):
    parts = {part.id: part for part in sections(context(crossed))}
    part = parts["interactions"]
    effects = crossed.interactions()
    assert part.title == "Interactions: rates"
    assert [picture.name for picture in part.pictures] == ["interactions-1"]
    assert len(part.tables[0].rows) == len(effects)
    assert "aliased" not in [column.name for column in part.tables[0].columns]
    assert sum(text.startswith("falling instead of constant") for text in part.paragraphs) == len(part.paragraphs) > 0
    assert part.notes == ["Times are not compared on steep: a cell missed the target in most runs."]
    part.pictures[0].draw()


def test_one_workload_may_be_asked_for(crossed):
    from optbench.contract.errors import OptbenchError

    assert set(crossed.interactions("bowl")["workloads"]) == {1}
    with pytest.raises(OptbenchError, match="did you mean 'bowl'"):
        crossed.interactions("bowll")


def test_without_a_design_there_is_no_section(judged):
    assert "interactions" not in {part.id for part in sections(context(judged))}
