"""Modules of a user's own on a suite's data: held to torch's own training loop, and to optbench's rules for a run."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import models  # noqa: E402
import optbench_torch  # noqa: E402
from optbench_torch.bound import Bound, first_values  # noqa: E402
from optbench_torch.roles import placed  # noqa: E402
from torch.nn import functional  # noqa: E402

from optbench import Dense, Dropout, Extras, Inputs, LayerRegularizer, OptbenchError  # noqa: E402
from optbench.testing import parametrize_with_checks, registry_of, runs_of, training_of, trial_of  # noqa: E402

SUITE = """
title = "Modules"
seeds = 2
[tuning]
trials = 2
[[workloads]]
name = "one"
dataset = DATASET
network = NETWORK
batch_size = 8
steps = 40
dtype = "DTYPE"
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
MILLION = "{ kind = 'torch:models:TinyGPT', width = 128, depth = 5 }"
CASES = {
    "vit": ("{ name = 'digits' }", "{ kind = 'torch:models:ViT' }"),
    "lstm": ("{ name = 'text-characters' }", "{ kind = 'torch:models:CharLSTM' }"),
    "gpt": ("{ name = 'text-characters' }", MILLION),
    "normed": ("{ name = 'two-moons' }", "{ kind = 'torch:models:Normed', dropout = 0.0 }"),
}
NOISY = ("{ name = 'two-moons' }", "{ kind = 'torch:models:Normed', dropout = 0.3 }")


REGISTRY = registry_of(optbench_torch)


@pytest.fixture
def registry():
    return REGISTRY


@pytest.fixture
def trial(registry, tmp_path):
    def make(dataset, network, dtype="float32", **more):
        path = tmp_path / "suite.toml"
        path.write_text(SUITE.replace("DATASET", dataset).replace("NETWORK", network).replace("DTYPE", dtype))
        return trial_of("one", str(path), plugins=registry, **more)

    return make


def layer_of(training):
    return training.problem.network.layers[0]


def bound_of(training, row=0):
    return training.problem.graph.ops[0].rows[row]


@parametrize_with_checks([REGISTRY.entry("networks", f"torch:models:{name}").component for name in ("ViT", "shallow")])
def test_contract(component, check):
    check(component)


# ---------------------------------------------------------------------------------------- torch's own training loop


def plain(training, optimizer):
    """The same module, from the same first values, in a loop as one writes it."""
    model = layer_of(training).network.make(**(layer_of(training).own or {}))
    model.to(torch.from_numpy(training.rows[0].params).dtype)
    theirs = dict(model.named_parameters())
    vector = training.rows[0].params
    for tensor, place in zip(training.problem.layout, layer_of(training).places, strict=True):
        values = vector[tensor.slice].reshape(tensor.shape).transpose(place.axes)
        with torch.no_grad():
            theirs[place.name].copy_(torch.from_numpy(values.copy()))
    return model, optimizer(model.parameters())


def loss_of(model, graph):
    x = torch.from_numpy(graph.x[0].copy())
    targets = torch.from_numpy(graph.targets[0].copy())
    if isinstance(model, (models.TinyGPT, models.CharLSTM)):
        logits = model(x.long())
        return functional.cross_entropy(logits.flatten(0, 1), targets.long().flatten(), ignore_index=-1)
    if isinstance(model, models.ViT):
        return functional.cross_entropy(model(x.permute(0, 3, 1, 2)), targets.argmax(1))
    return functional.binary_cross_entropy_with_logits(model(x), (targets > 0).to(x.dtype))


@pytest.mark.parametrize(("dtype", "most"), [("float32", 1e-6), ("float64", 1e-10)])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("case", CASES)
def test_gradients_are_those_of_torchs_own_loop(trial, registry, case, optimizer, dtype, most):
    training = training_of([trial(*CASES[case], dtype, optimizer=optimizer, settings={"lr": 1e-3})], registry)
    ours = training.rows[0]
    theirs = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    model, stepper = plain(training, lambda parameters: theirs(parameters, lr=1e-3))
    if case == "gpt":
        assert ours.params.size > 1_000_000
    seen = []
    gradient = training.problem.gradient
    # before the optimizer, which may overwrite it
    training.problem.gradient = lambda: (gradient(), seen.append(training.problem.grads[0].copy()))
    for step in range(20):
        training.step()
        assert ours.outcome is None, ours.traceback
        stepper.zero_grad()
        loss_of(model, training.problem.graph).backward()
        gradients = {name: p.grad.numpy() for name, p in model.named_parameters()}
        flat = np.concatenate([gradients[p.name].transpose(p.inverse).reshape(-1) for p in layer_of(training).places])
        gap = np.linalg.norm(seen[-1] - flat) / np.linalg.norm(flat)
        stepper.step()
        assert gap < most, step
    assert not np.array_equal(seen[0], seen[-1])


def test_nothing_is_copied(trial, registry):
    training = training_of([trial(*CASES["vit"])], registry)
    training.step()
    bound = bound_of(training)
    begin, size = training.problem.params.ctypes.data, training.problem.params.nbytes
    slopes = training.problem.grads.ctypes.data
    for parameter in bound.module.parameters():
        assert begin <= parameter.data_ptr() < begin + size
        assert slopes <= parameter.grad.data_ptr() < slopes + size


def test_another_device_gets_a_vector_of_its_own_and_the_same_bits(trial, registry):
    """Of devices there is the CPU here: with memory of its own, it is treated as any other."""
    training = training_of([trial(*NOISY)], registry)
    layer = layer_of(training)
    results = []
    for shares in (True, False):
        params = training.rows[0].params.copy()
        grads = np.zeros_like(params)
        statistics = {name: a.astype(np.float32) for name, a in layer.initial((2,)).items()}
        bound = Bound(layer.module, layer.places, params, grads, statistics, shares=shares)
        for seed in range(3):
            with bound.passing(True, True, seed) as module:
                loss = module(torch.arange(16.0).reshape(8, 2)).square().mean()
            bound.backward(loss)
            params -= 0.1 * grads
        results.append([params, grads, *statistics.values()])
    for a, b in zip(*results, strict=True):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------------------------------------------- rules of a run


@pytest.mark.parametrize("case", [*CASES.values(), NOISY], ids=[*CASES, "noisy"])
def test_a_saved_run_goes_on_with_the_same_bits(trial, registry, case):
    given = trial(*case, optimizer="adam")
    whole, first, second = (training_of([given], registry) for _ in range(3))
    for _ in range(6):
        whole.step()
    for _ in range(3):
        first.step()
    second.load(second.rows[0], first.save(first.rows[0]))
    for _ in range(3):
        second.step()
    assert whole.rows[0].params.tobytes() == second.rows[0].params.tobytes()
    assert whole.problem.evaluate(0, whole.rows[0].params) == second.problem.evaluate(0, second.rows[0].params)


def test_a_stack_has_the_bits_of_each_trial_alone(trial, registry):
    trials = [trial(*NOISY, optimizer=name, seed=seed) for name, seed in (("adam", 1), ("torch/adamw", 2), ("muon", 3))]
    stack = training_of(trials, registry)
    for _ in range(3):
        stack.step()
    stack.rows[0].outcome = "diverged"
    stack.compact()
    for _ in range(3):
        stack.step()
    for given, row in zip(trials[1:], stack.rows[1:], strict=True):
        assert row.outcome is None, row.traceback
        alone = training_of([given], registry)
        for _ in range(6):
            alone.step()
        assert alone.rows[0].params.tobytes() == row.params.tobytes()


def test_a_step_is_one_function(trial, registry):
    """Dropout keeps its masks within a step, and further gradients leave running statistics alone."""
    training = training_of([trial(*NOISY)], registry)
    training.step()
    problem = training.problem
    problem.next_batch(1)
    problem.gradient()
    loss, gradient = problem.loss(0), problem.grads[0].copy()
    before = {name: a.copy() for name, a in problem.state[0].items()}
    chance = torch.default_generator.get_state()
    out = np.zeros_like(gradient)
    assert problem.probe(0, problem.params[0].copy(), out) == loss
    np.testing.assert_array_equal(out, gradient)
    assert problem.probe(0, problem.params[0] + np.float32(0.01), out) != loss
    for name, array in before.items():
        np.testing.assert_array_equal(array, problem.state[0][name])
    assert torch.equal(chance, torch.default_generator.get_state())
    problem.next_batch(1)
    problem.gradient()
    assert not np.array_equal(problem.grads[0], gradient)  # the next step draws anew


def test_evaluation_is_that_of_the_module_with_its_running_statistics(trial, registry):
    training = training_of([trial(*NOISY)], registry)
    for _ in range(5):
        training.step()
    state = training.problem.state[0]
    assert {n.rpartition(".")[2] for n in state} == {"running_mean", "running_var", "num_batches_tracked"}
    assert state["body.0.1.num_batches_tracked"][0] == 5
    module = bound_of(training).module.eval()
    x, y = training.problem.data.examples("validation")
    with torch.no_grad():
        logits = module(torch.from_numpy(x.copy()))
        wanted = float(functional.binary_cross_entropy_with_logits(logits, torch.from_numpy(y.copy())))
    scores = training.problem.evaluate(0, training.rows[0].params)
    assert scores[2] == pytest.approx(wanted, rel=1e-5)
    assert scores[3] == pytest.approx(float(((logits.numpy() > 0) == y).mean()))


def test_an_average_gets_statistics_of_its_own(trial, registry):
    run = runs_of(training_of([trial(*NOISY, optimizer="schedule-free-adamw")], registry))[0]
    assert run.outcome == "done", run.traceback
    assert run.measurements[-1].train_loss < run.measurements[0].train_loss


@pytest.mark.parametrize("optimizer", ["sgd", "lamb", "muon", "sam", "lbfgs", "torch/adamw", "torch/adafactor"])
def test_optimizers_of_all_kinds_train_it(trial, registry, optimizer):
    run = runs_of(training_of([trial(*NOISY, optimizer=optimizer)], registry))[0]
    assert run.outcome == "done", run.traceback
    assert np.isfinite(run.measurements[-1].train_loss)


# ---------------------------------------------------------------------------------------------- layout, first values


def test_roles():
    found = {
        p.name: (p.asked.role, p.asked.part, p.asked.shape, p.asked.fan_in, p.asked.fan_out)
        for p in placed(models.ViT((1, 8, 8), 10, width=16))
    }
    assert found["patches.weight"] == ("weight", "", (2, 2, 1, 16), 4, 64)
    assert found["patches.bias"] == ("bias", "", (16,), 1, 16)
    assert found["pos"] == ("weight", "embedding", (1, 17, 16), 16, 16)
    assert found["cls"][:2] == ("weight", "embedding")
    assert found["blocks.0.norm1.weight"][:2] == ("scale", "")
    assert found["blocks.0.norm1.bias"][:2] == ("shift", "")
    assert found["blocks.0.attention.qkv.weight"] == ("weight", "gates", (16, 48), 16, 16)
    assert found["blocks.0.mlp.2.weight"] == ("weight", "", (64, 16), 64, 16)
    nn = torch.nn
    parts = nn.ModuleDict(
        {
            "lstm": nn.LSTM(3, 5, num_layers=2, bidirectional=True),
            "rnn": nn.RNN(3, 5),
            "attention": nn.MultiheadAttention(4, 2),
            "up": nn.ConvTranspose2d(3, 6, (2, 5)),
            "bn": nn.BatchNorm2d(3),
            "rms": nn.RMSNorm(4),
            "prelu": nn.PReLU(),
        }
    )
    found = {
        p.name: (p.asked.role, p.asked.part, p.asked.shape, p.asked.fan_in, p.asked.fan_out) for p in placed(parts)
    }
    assert found["lstm.weight_ih_l1_reverse"] == ("weight", "gates", (10, 20), 10, 5)
    assert found["lstm.bias_hh_l0"][0] == "bias"
    assert found["rnn.weight_hh_l0"] == ("weight", "", (5, 5), 5, 5)
    assert found["attention.in_proj_weight"] == ("weight", "gates", (4, 12), 4, 4)
    assert found["attention.in_proj_bias"][0] == "bias"
    assert found["up.weight"] == ("weight", "", (2, 5, 3, 6), 30, 60)
    assert [found[n][0] for n in ("bn.weight", "bn.bias", "rms.weight", "prelu.weight")] == [
        "scale", "shift", "scale", "scale"
    ]  # fmt: skip


def test_views_have_torchs_values_for_every_order_of_axes():
    module = torch.nn.ModuleDict({"up": torch.nn.ConvTranspose1d(3, 6, 4), "in": torch.nn.Conv3d(2, 5, (1, 2, 3))})
    wanted = {name: p.detach().clone() for name, p in module.named_parameters()}
    places = placed(module)
    values = first_values(module, places)
    vector = np.concatenate([values[p.name].reshape(-1) for p in places])
    bound = Bound(module, places, vector, None, {})
    for name, p in bound.module.named_parameters():
        assert torch.equal(p, wanted[name])


def test_a_module_may_say_the_roles_itself():
    class Own(torch.nn.Module):
        optbench_roles = {"temperature": "scale", "product.weight": "head"}

        def __init__(self):
            super().__init__()
            self.temperature, self.product = torch.nn.Parameter(torch.ones(1)), torch.nn.Linear(2, 3)

    found = {p.name: (p.asked.role, p.asked.part) for p in placed(Own())}
    assert found == {
        "temperature": ("scale", ""), "product.weight": ("weight", "head"), "product.bias": ("bias", "")
    }  # fmt: skip
    Own.optbench_roles = {"temperatur": "scale"}
    with pytest.raises(OptbenchError, match="names 'temperatur', which is no parameter of Own"):
        placed(Own())
    Own.optbench_roles = {"temperature": "warm"}
    with pytest.raises(OptbenchError, match="'warm' is none of weight, bias"):
        placed(Own())


def test_the_head_is_what_gives_the_logits(trial, registry):
    layout = training_of([trial(*CASES["vit"])], registry).problem.layout
    assert [t.name for t in layout if t.part == "head"] == ["0.modulelayer.head.weight"]
    tied = training_of([trial(*CASES["gpt"])], registry).problem.layout
    assert [t.part for t in tied if "tokens" in t.name] == ["embedding"]
    assert not [t for t in tied if t.part == "head"]


def test_first_values_are_the_modules_own_by_seed_or_the_initializers(trial, registry):
    dataset, network = NOISY
    own = [training_of([trial(dataset, network, seed=seed)], registry).rows[0].params for seed in (1, 1, 2)]
    np.testing.assert_array_equal(own[0], own[1])
    assert not np.array_equal(own[0], own[2])
    assert own[0][24:36].any()  # torch draws biases, too
    suites = trial(dataset, network.replace("}", ", first_values = 'suite' }"), initializer="orthogonal")
    training = training_of([suites], registry)
    views = training.problem.layout.views(training.rows[0].params)
    weight = views["0.modulelayer.body.1.0.weight"]
    np.testing.assert_allclose(weight.T @ weight, np.eye(8), atol=1e-5)
    assert not views["0.modulelayer.body.1.0.bias"].any()
    assert (views["0.modulelayer.body.1.1.weight"] == 1).all()


def test_precision_is_asked_for(trial, registry):
    dataset, network = CASES["vit"]
    given = [network, network.replace("}", ", precision = 'bfloat16' }")]
    full, mixed = (training_of([trial(dataset, n)], registry) for n in given)
    for training in (full, mixed):
        training.step()
        assert training.rows[0].outcome is None, training.rows[0].traceback
    a, b = full.problem.grads[0], mixed.problem.grads[0]
    assert 1e-4 < np.linalg.norm(a - b) / np.linalg.norm(a) < 0.2


# ----------------------------------------------------------------------------------------------------- what is wrong


class _Drop(LayerRegularizer):
    def layer(self, features):
        return Dropout(0.5)


@pytest.mark.parametrize(
    ("network", "inputs", "expected"),
    [
        ("Nothing", Inputs((4,)), "has no parameters to train"),
        ("Sparse", Inputs((4,), 4, vocabulary=3), "gradient of table.weight is sparse"),
        ("Explodes", Inputs((4,)), "gradient of product.weight is not finite"),
        ("Pair", Inputs((4,)), "gives a tuple, not a tensor of logits"),
        ("Short", Inputs((4,)), r"its logits must be \(2, 3\), but they are \(2, 1\)"),
        ("ViT", Inputs((4,)), "cannot be made: ValueError"),
        ("Normed", Inputs((4,), vocabulary=3), "asks for features, which data of shape"),
        ("shallow", Inputs((8, 8, 1)), "asks for features"),
    ],
)
def test_what_cannot_be_trained_is_told(registry, network, inputs, expected):
    made = registry.create("networks", {"name": f"torch:models:{network}"})
    with pytest.raises(OptbenchError, match=expected):
        made.layers(inputs, 3, Extras())


def test_layers_of_a_candidate_are_refused(registry):
    made = registry.create("networks", {"name": "torch:models:shallow", "units": 4})
    layer = made.layers(Inputs((4,)), 3, Extras())[0]
    assert layer.parameters((4,))[0].shape == (4, 4)
    with pytest.raises(OptbenchError, match="takes no hidden normalizers and no dropout"):
        made.layers(Inputs((4,)), 3, Extras((_Drop(),)))


def test_what_is_no_module_is_told(registry):
    with pytest.raises(OptbenchError, match=r"is not a subclass of torch\.nn\.Module"):
        registry.create("networks", {"name": "torch:models:functional"})
    assert Dense  # of optbench: no module either
    with pytest.raises(OptbenchError, match=r"is not a subclass of torch\.nn\.Module"):
        registry.create("networks", {"name": "torch:optbench:Dense"})
