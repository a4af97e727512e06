import os
import signal

import pytest

from optbench.report.page import saving
from optbench.report.page.press import Press
from optbench.report.parts import Picture
from optbench.report.pictures import panels, style
from optbench.report.pictures.formats import FORMATS


def plot():
    with style.drawing():
        made = panels.figure(2)
        made.subplots().plot([1, 2, 3])
        return made


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def shown(folder, press, name="x"):
    folder.mkdir(exist_ok=True)
    picture = Picture(name, "an x", "", plot)
    return saving.show(picture, folder, folder.parent / "report.html", press=press, kinds=FORMATS)


def test_a_second_process_makes_the_same_files(tmp_path):
    here = shown(tmp_path / "figures", None)()
    expected = files(tmp_path / "figures")
    with Press(saving.finish, second=True) as press:
        results = [shown(tmp_path / "figures", press) for _ in range(3)]
        assert [result() for result in results] == [here] * 3
    assert files(tmp_path / "figures") == expected
    assert press.process is not None
    assert press.process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_figures_are_made_here_where_the_second_process_dies(tmp_path):
    with Press(saving.finish, second=True) as press:
        os.kill(press.process.pid, signal.SIGKILL)
        results = [shown(tmp_path / "figures", press, name) for name in "ab"]
        assert [result().problem for result in results] == ["", ""]
    assert len(files(tmp_path / "figures")) == 6


def test_a_file_that_cannot_be_written_is_told_here(tmp_path):
    (tmp_path / "figures" / "x.svg").mkdir(parents=True)
    with Press(saving.finish, second=True) as press, pytest.raises(OSError) as raised:  # noqa: PT011
        shown(tmp_path / "figures", press)()
    assert raised.value.filename == str(tmp_path / "figures" / "x.svg")


def test_a_failure_ends_the_second_process(tmp_path):
    press = Press(saving.finish, second=True)
    with pytest.raises(KeyboardInterrupt), press:
        interrupted(tmp_path / "figures", press)
    assert press.process.returncode is not None


def interrupted(folder, press):
    shown(folder, press)
    raise KeyboardInterrupt
