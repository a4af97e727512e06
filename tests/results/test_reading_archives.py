"""Every command that reads results reads an archive, too."""

import gc

import pytest

import optbench
from optbench.cli import main
from optbench.results.archives import pack
from support.suites import LOW, bowl, searched, suite


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    (folder / "tiny.toml").write_text(suite(bowl(steps=40, target=LOW), searched("sgd", "adam")))
    return optbench.run(folder / "tiny.toml", "serial", folder, report=False)


def printed(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, words)))
    assert stop.value.code == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_every_command_that_reads_results_reads_an_archive(run, tmp_path, capsys):
    archive = tmp_path / "kept.sqlite.xz"
    pack(run.folder, archive)
    tables = [printed(capsys, "export", name, "--format", "csv") for name in (archive, run.folder)]
    assert tables[0] == tables[1]
    assert "trials" in printed(capsys, "status", archive)
    assert f"report: {tmp_path / 'kept' / 'report.html'}" in printed(capsys, "report", archive)
    assert (tmp_path / "kept" / "report.html").exists()
    assert list((tmp_path / "kept" / "figures").iterdir())
    printed(capsys, "report", archive, "--out", tmp_path / "elsewhere" / "page.html")
    assert list((tmp_path / "elsewhere" / "figures").iterdir())
    printed(capsys, "report", run.path)  # a store's file: its page is its run's
    assert not run.path.with_suffix("").exists()
    printed(capsys, "merge", archive, "--out", tmp_path / "merged")
    printed(capsys, "pack", archive, "--out", tmp_path / "again.sqlite.xz")
    printed(capsys, "compare", archive, run.folder)
    printed(capsys, "reproduce", archive, "--trials", "1", "--engine", "serial")


def test_nothing_is_written_among_archives(run, tmp_path, capsys):
    kept = tmp_path / "kept"
    kept.mkdir()
    pack(run.folder, kept / "bowl.sqlite.xz")
    printed(capsys, "report", kept, "--out", tmp_path / "elsewhere" / "page.html")
    assert list((tmp_path / "elsewhere" / "figures").iterdir())
    with pytest.raises(SystemExit) as stop:
        main(["report", str(kept)])
    assert stop.value.code == 2
    assert "say with --out where the page goes" in capsys.readouterr().err
    assert [path.name for path in kept.iterdir()] == ["bowl.sqlite.xz"]


def test_an_archive_is_there_for_as_long_as_its_results(run, tmp_path):
    pack(run.folder, tmp_path / "kept.sqlite.xz")
    results = optbench.load(tmp_path / "kept.sqlite.xz")
    place = results.path
    assert len(results.trials) == len(run.trials)
    assert place.exists()
    del results
    gc.collect()
    assert not place.parent.exists()
