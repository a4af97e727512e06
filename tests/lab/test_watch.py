"""A watched training: stopped and taken up again with the same bits, changed, cut off."""

import signal
import threading

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from optbench.contract.errors import OptbenchError
from optbench.lab import watch
from optbench.lab.single import trial
from optbench.registry.registry import registry
from optbench.report.figures.watched import watched_curves
from optbench.report.page.watched import write_training
from optbench.report.pictures import formats
from optbench.training import checkpoint
from optbench.training.trainer import collect
from support.suites import candidate, moons, suite, valley

SUITE = suite(
    moons(
        "points", title="A <small> set of points", samples=150, hidden=[6, 4], initializer="he", batch_size=16,
        epochs=6, evaluate_every=5,
    ),
    valley(steps=60, evaluate_every=10), candidate("sgd"),
)  # fmt: skip


@pytest.fixture(scope="module", name="suite")
def _suite(tmp_path_factory):
    path = tmp_path_factory.mktemp("suite") / "small.toml"
    path.write_text(SUITE)
    return str(path)


@pytest.fixture(autouse=True)
def _every_evaluation_is_copied(monkeypatch):
    monkeypatch.setattr(watch, "COPY_SHARE", np.inf)


@pytest.fixture(autouse=True)
def _as_in_a_terminal():
    """Where tests run in the background of a script, Ctrl-C is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def make(suite):
    return lambda workload="points", **more: trial(registry(), workload, suite, **more)


class Stop:
    """Shows nothing, and presses Ctrl-C once `step` is evaluated."""

    def __init__(self, step=None):
        self.step, self.notices = step, 0

    def __call__(self, session):
        if self.step is not None and session.training.number >= self.step:
            self.step = None
            signal.raise_signal(signal.SIGINT)

    def stopping(self):
        self.notices += 1


def saved(folder):
    return checkpoint.load(folder / watch.CHECKPOINT)["training"]


def same(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return a == b or a != a


HARD = {
    "optimizer": "nadam", "normalizers": ["standardize", "batch-norm"], "schedule": "cosine",
    "regularizers": ["dropout", "l2", "max-norm", "label-smoothing", "gaussian-noise"],
}  # fmt: skip


@pytest.mark.parametrize("more", [{}, HARD, {"optimizer": "asgd", "normalizers": ["batch-norm"]}])
def test_stopped_and_resumed_has_the_bits_of_never_stopped(make, tmp_path, more):
    once, twice = tmp_path / "once", tmp_path / "twice"
    whole = watch.go(watch.begin(once, make(**more), registry()), Stop())
    stop = Stop(7)
    assert watch.go(watch.begin(twice, make(**more), registry()), stop) is None
    assert stop.notices == 1
    assert saved(twice)["step"] == 15  # pressed at 10, stopped at the next evaluation
    assert watch.go(watch.resume(twice, {}, registry()), Stop(18)) is None
    resumed = watch.go(watch.resume(twice, {}, registry()), Stop())
    assert whole.outcome == resumed.outcome == "done"
    assert (whole.test_loss, whole.test_metric) == (resumed.test_loss, resumed.test_metric)
    for one, other in zip(whole.measurements, resumed.measurements, strict=True):
        assert [v for k, v in vars(one).items() if k != "seconds"] == pytest.approx(
            [v for k, v in vars(other).items() if k != "seconds"], abs=0, rel=0, nan_ok=True
        )
    a, b = saved(once), saved(twice)
    for name in ("params", "optimizer", "problem", "optimizer_generator", "best"):
        assert same(a[name], b[name]), name


def test_it_is_the_training_that_a_run_of_a_suite_makes(make, tmp_path):
    from optbench.training.assembly import assemble

    run = watch.go(watch.begin(tmp_path / "t", make(), registry()), Stop())
    (other,) = collect(assemble([make()], registry()))
    assert (run.test_loss, run.measurements[-1].train_loss) == (other.test_loss, other.measurements[-1].train_loss)


def test_an_analytic_function_too(make, tmp_path):
    whole = watch.go(watch.begin(tmp_path / "a", make("valley", optimizer="adam"), registry()), Stop())
    watch.go(watch.begin(tmp_path / "b", make("valley", optimizer="adam"), registry()), Stop(20))
    session = watch.resume(tmp_path / "b", {}, registry())
    resumed = watch.go(session, Stop())
    assert [m.train_loss for m in whole.measurements] == [m.train_loss for m in resumed.measurements]
    assert len(resumed.arrays["path"]) == 7
    page = write_training(session.watched()).read_text()
    assert ">rosenbrock (" in page
    assert "accuracy" not in page


def test_a_changed_setting_holds_from_its_step_on(make, tmp_path):
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(settings={"lr": 0.01}), registry()), Stop(10))
    session = watch.resume(folder, {"lr": 0.002, "epochs": 8, "beta2": 0.999}, registry())
    assert session.changes == [{"step": 15, "set": {"optimizer.lr": [0.01, 0.002], "epochs": [6, 8]}}]
    run = watch.go(session, Stop())
    rates = {m.step: m.rate for m in run.measurements}
    assert {rates[s] for s in (0, 5, 10, 15)} == {0.01}
    assert {rate for step, rate in rates.items() if step > 15} == {0.002}
    assert max(rates) == 8 * (90 // 16)
    text = write_training(session.watched()).read_text()
    assert "From step 15 on: lr 0.01 → 0.002; epochs 6 → 8" in text
    assert "A &lt;small&gt; set of points" in text
    assert "<small>" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert "src=" not in text
    # once more: the story is kept
    again = watch.resume(folder, {"epochs": 9}, registry())
    assert [c["step"] for c in again.changes] == [15, 40]
    assert again.tests == 1


def test_a_changed_beta_goes_through_the_optimizers_load(make, tmp_path):
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(optimizer="momentum"), registry()), Stop(10))
    before = saved(folder)["optimizer"]
    session = watch.resume(folder, {"beta": 0.5}, registry())
    state = session.row.state  # the sums are scaled, so that the average itself is kept
    assert state["betas"]["velocity"] == 0.5
    np.testing.assert_allclose(state["velocity"] * 0.5, before["velocity"] * 0.1, rtol=1e-6)


def test_lines_on_the_figure_are_where_and_what_was_changed(make, tmp_path):
    session = watch.begin(tmp_path / "t", make(), registry())
    run = watch.go(session, Stop())
    changes = [{"step": 10, "set": {"optimizer.lr": [0.1, 0.01], "epochs": [1, 2]}}, {"step": 20, "set": {"x": [1, 2]}}]
    session.changes = changes
    figure = watched_curves(session.watched())
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    curves = ["loss", "accuracy", "learning rate", "gradient norm", "norm of all parameters"]
    assert titles == [*curves, "norm of each weight tensor"]
    (key,) = figure.legends
    assert [t.get_text() for t in key.get_texts()] == [
        "1: after step 10: lr 0.1 → 0.01; epochs 1 → 2", "2: after step 20: x 1 → 2",
    ]  # fmt: skip
    formats.freeze(figure)
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axis in figure.axes[:-1]:
        lines = [line.get_xdata() for line in axis.lines if list(line.get_xdata()) in ([10, 10], [20, 20])]
        assert len(lines) == 2
        assert [t.get_text() for t in axis.texts] == ["1", "2"]
        panel, title = axis.get_window_extent(renderer), axis._left_title.get_window_extent(renderer)
        for text in axis.texts:  # above the panel, so that no curve is covered, and below its title
            assert text.get_window_extent(renderer).y0 >= panel.y1
            assert not text.get_window_extent(renderer).overlaps(title)
    loss = figure.axes[0].lines[0]
    assert list(loss.get_xdata()) == [m.step for m in run.measurements]
    assert list(loss.get_ydata()) == [m.train_loss for m in run.measurements]


def test_a_finished_training_goes_on_with_more_epochs_only(make, tmp_path):
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(), registry()), Stop())
    with pytest.raises(OptbenchError, match=r"step 30 is reached, and the budget is 30 steps: .*--set epochs=12"):
        watch.resume(folder, {}, registry())
    with pytest.raises(OptbenchError, match="budget is 10 steps"):
        watch.resume(folder, {"epochs": 2}, registry())
    run = watch.go(watch.resume(folder, {"epochs": 8}, registry()), Stop())
    assert run.measurements[-1].step == 40


def test_early_stopping_is_said_and_may_be_given_more_patience(make, tmp_path):
    folder = tmp_path / "t"
    chosen = make(regularizers=["early-stopping"], settings={"patience": 1, "lr": 0.1, "margin": 0.5})
    session = watch.begin(folder, chosen, registry())
    run = watch.go(session, Stop())
    assert run.outcome == "stopped"
    step = run.measurements[-1].step
    assert f"Stopped early at step {step}" in write_training(session.watched()).read_text()
    with pytest.raises(OptbenchError, match=f"early-stopping at step {step}: change a setting"):
        watch.resume(folder, {}, registry())
    more = watch.go(watch.resume(folder, {"patience": 100}, registry()), Stop())
    assert more.measurements[-1].step > step


def test_divergence_leaves_the_checkpoint_of_the_last_healthy_evaluation(make, tmp_path):
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(optimizer="sgd", settings={"lr": 0.1}), registry()), Stop(5))
    session = watch.resume(folder, {"lr": 1e30}, registry())
    run = watch.go(session, Stop())
    assert run.outcome == "diverged"
    assert session.step_saved == 10
    assert np.isfinite(saved(folder)["params"]).all()
    assert "Diverged at step 15" in write_training(session.watched()).read_text()
    mended = watch.go(watch.resume(folder, {"lr": 0.01}, registry()), Stop())
    assert mended.outcome == "done"


def test_a_component_that_raises_ends_the_training_with_its_traceback(make, tmp_path):
    session = watch.begin(tmp_path / "t", make(), registry())

    def breaks(progress):
        if progress.step == 12:
            raise RuntimeError("at <step> 12")
        return 1.0

    object.__setattr__(session.row.recipe.schedule, "factor", breaks)
    run = watch.go(session, Stop())
    assert (run.outcome, run.message) == ("error", "step 12: RuntimeError: at <step> 12")
    assert session.step_saved == 10
    text = write_training(session.watched()).read_text()
    assert "Failed at step" in text
    assert "raise RuntimeError(&#34;at &lt;step&gt; 12&#34;)" in text


@pytest.mark.parametrize("share", [0.0, 0.4, 0.95])
def test_a_cut_off_checkpoint_is_refused_and_the_one_before_it_works(make, tmp_path, share):
    folder = tmp_path / "t"
    whole = watch.go(watch.begin(folder, make(), registry()), Stop(5))
    assert whole is None
    assert watch.go(watch.resume(folder, {}, registry()), Stop(15)) is None
    path = folder / watch.CHECKPOINT
    before = path.read_bytes()
    path.write_bytes(before[: int(share * len(before))])
    with pytest.raises(OptbenchError, match=r"not a whole checkpoint .*to go on from that, rename"):
        watch.resume(folder, {}, registry())
    with pytest.raises(OptbenchError, match="holds a training already"):
        watch.begin(folder, make(), registry())
    checkpoint.previous(path).rename(path)
    session = watch.resume(folder, {}, registry())
    assert session.training.number < 20
    assert watch.go(session, Stop()).outcome == "done"


def test_a_checkpoint_from_elsewhere_is_refused(make, tmp_path):
    path = tmp_path / watch.CHECKPOINT
    with pytest.raises(OptbenchError, match="there is no checkpoint"):
        watch.resume(tmp_path, {}, registry())
    checkpoint.save(path, {"something": 1})
    with pytest.raises(OptbenchError, match="not the checkpoint of an `optbench train`"):
        watch.resume(tmp_path, {}, registry())
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(), registry()), Stop(5))
    state = checkpoint.load(folder / watch.CHECKPOINT)
    for change, message in (
        (lambda s: s["trial"].update(contract=99), "of contract 99, this optbench has contract 1"),
        (lambda s: s["training"].pop("kept"), "from another version of optbench or of a plugin"),
        (lambda s: s["training"].update(params=np.zeros(3)), "its 3 parameters do not fit"),
        (lambda s: s["trial"]["components"]["optimizer"].update(name="gone"), "there is no optimizer 'gone'"),
    ):
        broken = checkpoint.load(folder / watch.CHECKPOINT)
        change(broken)
        checkpoint.save(path, broken)
        with pytest.raises(OptbenchError, match=message):
            watch.resume(tmp_path, {}, registry())
    state["trial"]["providers"]["optimizer:adam"] = "optbench 0.0.1"
    (data,) = [label for label in state["trial"]["sources"] if label.startswith("data:")]
    state["trial"]["sources"] |= {"engine": "0" * 12, data: "1" * 12}
    checkpoint.save(path, state)
    (change,) = watch.resume(tmp_path, {}, registry()).changes
    assert change["set"].keys() == {"provider of optimizer:adam", "source of engine", f"source of {data}"}
    assert change["set"]["provider of optimizer:adam"][0] == "optbench 0.0.1"
    assert change["set"][f"source of {data}"][0] == "1" * 12


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lrr": 1}, "did you mean 'lr'"),
        ({"lr": -1}, r"optimizer adam: lr must be in \[0, inf\), got -1"),
        ({"beta1": 1}, r"optimizer adam: beta1 must be in \[0, 1\), got 1"),
        ({"lr": "fast"}, "optimizer adam: lr must be a number, got 'fast'"),
        ({"initializer.std": 1}, "the weights of .* are drawn already"),
    ],
)
def test_an_impossible_change_is_refused_and_nothing_is_written(make, tmp_path, changes, message):
    folder = tmp_path / "t"
    watch.go(watch.begin(folder, make(initializer="small-normal"), registry()), Stop(5))
    before = (folder / watch.CHECKPOINT).read_bytes()
    with pytest.raises(OptbenchError, match=message):
        watch.resume(folder, changes, registry())
    assert (folder / watch.CHECKPOINT).read_bytes() == before


def test_a_folder_that_cannot_be_is_said(make, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OptbenchError, match="cannot write to this folder: Not a directory"):
        watch.begin(tmp_path / "file" / "t", make(), registry())


def test_an_impossible_setting_leaves_no_folder(make, tmp_path):
    with pytest.raises(OptbenchError, match="lr must be in"):
        watch.begin(tmp_path / "t", make(settings={"lr": -1}), registry())
    assert not (tmp_path / "t").exists()


def test_the_second_ctrl_c_stops_at_once_with_the_checkpoint_kept(make, tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "SAVE_EVERY", np.inf)
    folder = tmp_path / "t"
    session = watch.begin(folder, make(), registry())
    session.saved = -np.inf  # the first evaluation is saved, and no other
    before = signal.getsignal(signal.SIGINT)

    def twice(progress):
        if progress.step == 12:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
        return 1.0

    object.__setattr__(session.row.recipe.schedule, "factor", twice)
    with pytest.raises(KeyboardInterrupt):
        watch.go(session, Stop())
    assert signal.getsignal(signal.SIGINT) is before
    assert saved(folder)["step"] == 0


def test_in_the_background_of_a_script_ctrl_c_stays_ignored(make, tmp_path):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stop = Stop(7)
    assert watch.go(watch.begin(tmp_path / "t", make(), registry()), stop).outcome == "done"
    assert (stop.step, stop.notices) == (None, 0)  # it was pressed
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_it_runs_in_a_thread_where_no_signal_can_be_caught(make, tmp_path):
    found = []
    session = watch.begin(tmp_path / "t", make(), registry())
    thread = threading.Thread(target=lambda: found.append(watch.go(session, Stop())))
    thread.start()
    thread.join()
    assert found[0].outcome == "done"


def test_an_array_that_is_in_a_state_twice_stays_one(tmp_path):
    array = np.arange(3.0)
    checkpoint.save(tmp_path / "c.npz", {"a": array, "b": {"c": array}, "d": array.copy()})
    tree = checkpoint.load(tmp_path / "c.npz")
    assert tree["a"] is tree["b"]["c"]
    assert tree["d"] is not tree["a"]
    assert (tree["d"] == array).all()
