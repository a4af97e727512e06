# ruff: noqa: E501 - a table of one case a line
"""Every mistake in a suite is told with file and field, what was expected, and near names."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.suite import load, parse

HEAD = 'title = "T"\n'
WORKLOAD = """
[[workloads]]
name = "digits-mlp"
dataset = "digits"
network = { kind = "mlp", hidden = [4] }
epochs = 2
"""
CANDIDATE = """
[[candidates]]
name = "adam"
"""
SGD = """
[[candidates]]
name = "sgd"
optimizer = "sgd"
"""
CLAIM = """
[[claims]]
statement = "Adam is faster"
workload = "digits-mlp"
better = "adam"
worse = "sgd"
metric = "final_validation_accuracy"
"""
REGRESSION = WORKLOAD.replace('"digits"', '"diabetes"')
PROBLEM = '[[workloads]]\nname = "bandit"\nproblem = "bandit"\nsteps = 10\n'
FUNCTION = '[[workloads]]\nname = "bowl"\nfunction = "bowl"\nsteps = 10\n'


def workload(line):
    return HEAD + WORKLOAD + line + "\n" + CANDIDATE


def candidate(line):
    return HEAD + WORKLOAD + CANDIDATE + line + "\n"


def optimizer(table):
    return candidate(f"optimizer = {table}")


def tuning(line):
    return HEAD + f"[tuning]\n{line}\n" + WORKLOAD + CANDIDATE


def claim(old, new=""):
    assert old in CLAIM
    return HEAD + WORKLOAD + CANDIDATE + SGD + CLAIM.replace(old, new)


W = 'workloads[0] "digits-mlp"'
C = 'candidates[0] "adam"'
L = 'claims[0] "Adam is faster"'

#: a suite, and what its message must contain
BAD = {
    "not toml": ("title = \n", ["x.toml: not TOML", "line 1"]),
    "key twice": (HEAD + HEAD, ["not TOML", "overwrite"]),
    "empty": ("", ["x.toml: title is missing", "workloads: a suite needs at least one workload, written [[workloads]]"]),
    "no candidate": (HEAD + WORKLOAD, ["candidates: a suite needs at least one candidate"]),
    "title": ("title = 3\n" + WORKLOAD + CANDIDATE, ["x.toml: title: must be a text, got 3"]),
    "empty title": ('title = ""\n' + WORKLOAD + CANDIDATE, ["title: must not be empty"]),
    "top field": (HEAD + "sedes = 3\n" + WORKLOAD + CANDIDATE, ["x.toml: there is no field 'sedes'; did you mean 'seed"]),
    "seeds zero": (HEAD + "seeds = 0\n" + WORKLOAD + CANDIDATE, ["seeds: must be at least 1, got 0"]),
    "seeds too many": (HEAD + "seeds = 10000\n" + WORKLOAD + CANDIDATE, ["seeds: must be at most 9999"]),
    "seeds text": (HEAD + 'seeds = "5"\n' + WORKLOAD + CANDIDATE, ["seeds: must be a whole number, got '5'"]),
    "seeds float": (HEAD + "seeds = 5.0\n" + WORKLOAD + CANDIDATE, ["seeds: must be a whole number, got 5.0"]),
    "seeds true": (HEAD + "seeds = true\n" + WORKLOAD + CANDIDATE, ["seeds: must be a whole number, got True"]),
    "root seed": (HEAD + "seed = -1\n" + WORKLOAD + CANDIDATE, ["seed: must be at least 0, got -1"]),
    "baseline": (HEAD + 'baseline = "adm"\n' + WORKLOAD + CANDIDATE, ["baseline: there is no candidate 'adm'; did you mean 'adam'?"]),
    "one workload table": (HEAD + WORKLOAD.replace("[[workloads]]", "[workloads]") + CANDIDATE, ["workloads: must be a list, got a table"]),
    "workload is text": (HEAD + 'workloads = ["a"]\n' + CANDIDATE, ["workloads[0]: must be a table, got 'a'"]),
    # tuning
    "method": (tuning('method = "gird"'), ["tuning.method: must be", "got 'gird'; did you mean 'grid'?"]),
    "trials": (tuning("trials = 0"), ["tuning.trials: must be at least 1, got 0"]),
    "finalists": (tuning("finalists = 0"), ["tuning.finalists: must be at least 1, got 0"]),
    "finalist": (tuning("finalist = 2"), ["tuning: there is no field 'finalist'; did you mean 'finalists'"]),
    "confirm": (tuning("confirm = -1"), ["tuning.confirm: must be at least 0, got -1"]),
    "confirm one": (tuning("confirm = 2"), ["tuning: finalists = 1 and confirm = 2 confirm nothing; expected finalists of at least 2"]),
    "not confirmed": (tuning("finalists = 3\nconfirm = 0"), ["tuning: finalists = 3 and confirm = 0 confirm nothing; expected confirm of at least 1"]),
    "confirmations": (tuning("trials = 8\nfinalists = 3\nconfirm = 2"), ["tuning: finalists = 3 and confirm = 2 take 6 of trials = 8", "at least 9, fewer finalists"]),
    "tuning field": (tuning("trails = 3"), ["tuning: there is no field 'trails'; did you mean 'trials'?"]),
    "first": (tuning("first = 0"), ["tuning.first: must be at least 1"]),
    "select": (tuning('select = "best"'), ["tuning.select: must be 'target' or 'final', got 'best'"]),
    # workloads
    "workload field": (workload("epoch = 3"), [f"{W}: there is no field 'epoch'; did you mean 'epochs'?"]),
    "workload name": (HEAD + WORKLOAD.replace('name = "digits-mlp"', "") + CANDIDATE, ["workloads[0]: name is missing"]),
    "name with slash": (HEAD + WORKLOAD.replace("digits-mlp", "a/b") + CANDIDATE, ["name: a name is a printable text without slashes"]),
    "name empty": (HEAD + WORKLOAD.replace("digits-mlp", "") + CANDIDATE, ["workloads[0]: name: a name is a printable text"]),
    "name long": (HEAD + WORKLOAD.replace("digits-mlp", "a" * 61) + CANDIDATE, ["at most 60 characters, got 61"]),
    "workload twice": (HEAD + WORKLOAD * 2 + CANDIDATE, ['workloads[1] "digits-mlp": the name is taken by workloads[0]']),
    "dataset": (HEAD + WORKLOAD.replace('"digits"', '"digit"') + CANDIDATE, [f"{W}: dataset: there is no dataset 'digit'; did you mean 'digits'?"]),
    "dataset setting": (HEAD + WORKLOAD.replace('"digits"', '{ name = "digits", nose = 1 }') + CANDIDATE, [f"{W}: dataset: dataset digits: there is no setting 'nose'; did you mean 'noise'?"]),
    "dataset range": (HEAD + WORKLOAD.replace('"digits"', '{ name = "digits", noise = 2.0 }') + CANDIDATE, ["noise must be in [0, 1], got 2"]),
    "dataset number": (HEAD + WORKLOAD.replace('"digits"', "3") + CANDIDATE, [f"{W}: dataset: must be the name of a dataset or a table with a name, got 3"]),
    "dataset search": (HEAD + WORKLOAD.replace('"digits"', '{ name = "digits", search = ["noise"] }') + CANDIDATE, ["only a candidate's components are searched"]),
    "dataset missing": (HEAD + WORKLOAD.replace('dataset = "digits"', "") + CANDIDATE, [f"{W}: dataset is missing: a workload needs dataset and network"]),
    "network missing": (HEAD + WORKLOAD.replace("network = ", "# ") + CANDIDATE, [f"{W}: network is missing"]),
    "neither": (HEAD + '[[workloads]]\nname = "w"\nepochs = 1\n' + CANDIDATE, ["needs dataset and network, or function"]),
    "both": (workload('function = "bowl"'), [f"{W}: a workload has either dataset and network, or function"]),
    "network kind": (HEAD + WORKLOAD.replace('"mlp"', '"mpl"') + CANDIDATE, [f"{W}: network: there is no network 'mpl'; did you mean 'mlp'?"]),
    "network without kind": (HEAD + WORKLOAD.replace("kind", "knd") + CANDIDATE, [f"{W}: network: kind is missing: which network it is; did you write 'knd' for it?"]),
    "network setting": (HEAD + WORKLOAD.replace("hidden", "hiden") + CANDIDATE, ["there is no setting 'hiden'; did you mean 'hidden'?"]),
    "function": (HEAD + FUNCTION.replace('"bowl"\nsteps', '"bwl"\nsteps') + CANDIDATE, ["there is no function 'bwl'; did you mean 'bowl'?"]),
    "function epochs": (HEAD + FUNCTION.replace("steps", "epochs") + CANDIDATE, ["an analytic function has no epochs: give steps"]),
    "function loss": (HEAD + FUNCTION + 'loss = "mean_squared_error"\n' + CANDIDATE, ["an analytic function is its own loss"]),
    "problem near": (HEAD + PROBLEM.replace("bandit\"\ns", "bandt\"\ns") + CANDIDATE, ["there is no problem 'bandt'; did you mean 'bandit'?"]),
    "problem setting": (HEAD + PROBLEM.replace('"bandit"\ns', '{ name = "bandit", arms = 1 }\ns') + CANDIDATE, ["problem: problem bandit: arms must be in [2, inf), got 1"]),
    "problem epochs": (HEAD + PROBLEM.replace("steps", "epochs") + CANDIDATE, ["a problem of one's own has no epochs: give steps"]),
    "problem and network": (HEAD + PROBLEM + 'network = "mlp"\n' + CANDIDATE, ["either dataset and network, or function, or problem, not network and problem"]),
    "problem and function": (HEAD + PROBLEM + 'function = "bowl"\n' + CANDIDATE, ["not function and problem"]),
    "problem metric": (HEAD + PROBLEM + 'metric = "r2"\n' + CANDIDATE, ["metric: problem bandit has the metric 'score': leave this out"]),
    "problem target": (HEAD + PROBLEM + 'target = { metric = "validation_accuracy", value = 0.1 }\n' + CANDIDATE, ["valid: validation_score, validation_loss, train_score, train_loss"]),
    "metric of data": (workload('metric = "accuracy"'), ["metric: only a problem of one's own says what its metric is"]),
    "claim on problem": (claim('workload = "digits-mlp"', 'workload = "bandit"').replace("[[claims]]", PROBLEM + "[[claims]]"), ["final_validation_accuracy is not measured on 'bandit', a problem: score is"]),
    "function target": (HEAD + FUNCTION + 'target = { metric = "validation_loss", value = 0.1 }\n' + CANDIDATE, ["no metric 'validation_loss' on this workload", "valid: train_loss"]),
    "no budget": (HEAD + WORKLOAD.replace("epochs = 2", "") + CANDIDATE, [f"{W}: a workload needs exactly one of epochs and steps"]),
    "two budgets": (workload("steps = 3"), ["exactly one of epochs and steps"]),
    "epochs": (HEAD + WORKLOAD.replace("epochs = 2", "epochs = 0") + CANDIDATE, [f"{W}: epochs: must be at least 1, got 0"]),
    "loss": (workload('loss = "mse"'), [f"{W}: loss: there is no loss 'mse'; valid names: binary_cross_entropy"]),
    "loss of task": (HEAD + REGRESSION + 'loss = "softmax_cross_entropy"\n' + CANDIDATE, ["does not fit a regression dataset; valid: mean_squared_error"]),
    "target metric": (workload('target = { metric = "validation_acuracy", value = 0.9 }'), [f"{W}: target: there is no metric 'validation_acuracy'", "did you mean 'validation_accuracy'", "train_loss"]),
    "target r2": (workload('target = { metric = "validation_r2", value = 0.9 }'), ["no metric 'validation_r2' on this workload", "valid: validation_accuracy"]),
    "target accuracy": (HEAD + REGRESSION + 'target = { metric = "validation_accuracy", value = 0.9 }\n' + CANDIDATE, ["no metric 'validation_accuracy'", "validation_r2"]),
    "target percent": (workload('target = { metric = "validation_accuracy", value = 95 }'), [f"{W}: target.value: an accuracy is in [0, 1], got 95"]),
    "target r2 above 1": (HEAD + REGRESSION + 'target = { metric = "validation_r2", value = 1.5 }\n' + CANDIDATE, ["R^2 is at most 1"]),
    "target nan": (workload('target = { metric = "validation_loss", value = nan }'), [f"{W}: target.value: must be a finite number, got nan"]),
    "target field": (workload('target = { metric = "validation_loss", valu = 1 }'), ["target: value is missing", "target: there is no field 'valu'; did you mean 'value'?"]),
    "batch size": (workload("batch_size = 0"), [f'{W}: batch_size: must be a whole number from 1 on or "full", got 0']),
    "batch size word": (workload('batch_size = "ful"'), [f"{W}: batch_size: must be a whole number from 1 on or \"full\", got 'ful'"]),
    "dtype": (workload('dtype = "float23"'), [f"{W}: dtype: must be 'float32' or 'float64', got 'float23'; did you mean 'float32'"]),
    "split": (workload("split = { validation = 0.5, test = 0.5 }"), [f"{W}: split.test: validation and test leave nothing to train on"]),
    "split zero": (workload("split = { validation = 0 }"), [f"{W}: split.validation: must be above 0, got 0"]),
    "split field": (workload("split = { valid = 0.1 }"), [f"{W}: split: there is no field 'valid'; did you mean 'validation'?"]),
    "initializer": (workload('initializer = "glorot"'), [f"{W}: initializer: there is no initializer 'glorot'; did you mean 'glorot-uniform'?"]),
    "schedule": (workload('schedule = { name = "inverse-time", decay = -1.0 }'), [f"{W}: schedule: schedule inverse-time: decay must be in [0, inf), got -1"]),
    "normalizers": (workload('normalizers = ["batch-norm", "batch-norm"]'), [f"{W}: normalizers: 'batch-norm' is there twice"]),
    "two spellings": (workload('normalizers = []\nnormalizer = "batch-norm"'), [f"{W}: give either normalizer or normalizers, not both"]),
    "variant": (workload('variant_of = "digit-mlp"'), [f"{W}: variant_of: there is no workload 'digit-mlp'; did you mean 'digits-mlp'?"]),
    "diagnostics": (workload("diagnostics = 1"), [f"{W}: diagnostics: must be true or false, got 1"]),
    # candidates
    "optimizer": (optimizer('"adm"'), [f"{C}: optimizer: there is no optimizer 'adm'; did you mean 'adam'?"]),
    "candidate field": (candidate('optimzer = "sgd"'), [f"{C}: there is no field 'optimzer'; did you mean 'optimizer'?"]),
    "candidate twice": (HEAD + WORKLOAD + CANDIDATE * 2, ['candidates[1] "adam": the name is taken by candidates[0]']),
    "setting": (optimizer('{ name = "adam", beta = 0.9 }'), [f"{C}: optimizer: optimizer adam: there is no setting 'beta'; did you mean 'beta1'?"]),
    "value": (optimizer('{ name = "adam", beta1 = 1.0 }'), ["beta1 must be in [0, 1), got 1"]),
    "value type": (optimizer('{ name = "adam", lr = "0.1" }'), ["lr must be a number, got '0.1'"]),
    "value nan": (optimizer('{ name = "adam", lr = nan }'), ["lr must be finite, got nan"]),
    "value date": (optimizer('{ name = "adam", lr = 2020-01-01 }'), ["lr must be a number, text, list or table"]),
    "huge": (optimizer('{ name = "adam", lr = 1' + "0" * 400 + " }"), [f"{C}: optimizer: lr must fit into 64 bits, got a number of 1329 bits"]),
    "very huge": (HEAD + "seed = 0x1" + "0" * 5000 + "\n" + WORKLOAD + CANDIDATE, ["seed: must be below", "got a number of 20001 bits"]),
    "whole": (optimizer('{ name = "adam", window = 2.5 }'), ["window must be a whole number, got 2.5"]),
    "choice": (optimizer('{ name = "adam", form = "outsid" }'), ["form must be one of 'inside', 'outside'"]),
    "low above high": (optimizer('{ name = "adam", search = { lr = { low = 1.0, high = 0.1 } } }'), [f"{C}: optimizer: search.lr: low must be below high, got low = 1, high = 0.1"]),
    "low above declared": (optimizer('{ name = "adam", search = { lr = { low = 2 } } }'), ["search.lr: low must be below high, got low = 2, high = 1"]),
    "log of zero": (optimizer('{ name = "adam", search = { lr = { low = 0 } } }'), ["search.lr: a log scale needs low above 0, got 0"]),
    "log1m of one": (optimizer('{ name = "adam", search = { beta1 = { high = 1 } } }'), ["search.beta1: scale log1m needs high below 1, got 1"]),
    "invalid end": (optimizer('{ name = "adam", search = { lr = { low = -1, scale = "linear" } } }'), ["search.lr: -1 is outside its valid range [0, inf)"]),
    "scale": (optimizer('{ name = "adam", search = { lr = { scale = "logg" } } }'), ["search.lr: unknown scale 'logg'; did you mean 'log'"]),
    "range field": (optimizer('{ name = "adam", search = { lr = { lo = 1 } } }'), ["search.lr: there is no field 'lo'; did you mean 'low'?"]),
    "range number": (optimizer('{ name = "adam", search = { lr = 0.1 } }'), ["search.lr: a range is a table such as"]),
    "range text": (optimizer('{ name = "adam", search = { lr = { low = "a" } } }'), ["search.lr: low must be a number, got 'a'"]),
    "range inf": (optimizer('{ name = "adam", search = { lr = { high = inf } } }'), ["search.lr: high must be a number, got inf"]),
    "fractional ends": (optimizer('{ name = "adam", search = { window = { low = 1.5 } } }'), ["search.window: low must be a whole number, got 1.5"]),
    "half a range": (optimizer('{ name = "adam", search = { eps = { low = 1e-9 } } }'), ["search.eps: high is missing"]),
    "choices and low": (optimizer('{ name = "adam", search = { lr = { low = 1, choices = [1] } } }'), ["give either choices or low and high"]),
    "no choices": (optimizer('{ name = "adam", search = { lr = { choices = [] } } }'), ["choices must be a list with at least one value"]),
    "choice twice": (optimizer('{ name = "adam", search = { lr = { choices = [0.1, 0.1] } } }'), ["choices has a value twice"]),
    "impossible choice": (optimizer('{ name = "adam", search = { lr = { choices = [-1.0] } } }'), ["search.lr must be in [0, inf), got -1"]),
    "range of words": (optimizer('{ name = "adam", search = { form = { low = 0, high = 1 } } }'), ["search.form: its values are no numbers; give choices"]),
    "priority": (optimizer('{ name = "adam", search = { lr = { priority = 0 } } }'), ["search.lr: priority must be a whole number from 1 on"]),
    "search name": (optimizer('{ name = "adam", search = ["rate", "lr"] }'), [f"{C}: optimizer: search: adam has no setting 'rate'"]),
    "search near": (optimizer('{ name = "adam", search = ["beta"] }'), ["did you mean 'beta1'?"]),
    "search twice": (optimizer('{ name = "adam", search = ["lr", "lr"] }'), ["search: a name is there twice"]),
    "search undeclared": (optimizer('{ name = "adam", search = ["eps"] }'), ["search: eps declares no range; write search = { eps = {"]),
    "search word": (optimizer('{ name = "adam", search = "lr" }'), ["search must be a list of names or a table of ranges, got 'lr'"]),
    "inner path": (optimizer('{ name = "lookahead", search = ["inner.rate"] }'), ["lookahead has no setting 'inner.rate'"]),
    "inner name": (optimizer('{ name = "lookahead", inner = "adm" }'), [f"{C}: optimizer: inner: there is no optimizer 'adm'; did you mean 'adam'"]),
    "inner unnamed": (optimizer('{ name = "lookahead", inner = { lr = 1 } }'), [f"{C}: optimizer: inner: name is missing: which optimizer it is"]),
    "inner setting": (optimizer('{ name = "lookahead", inner = { name = "sgd", rate = 1 } }'), ["optimizer sgd: there is no setting 'rate'"]),
    "refused in range": (optimizer('{ name = "fragile", search = { low = { low = 0.1, high = 0.9 } } }'), ["optimizer fragile: RuntimeError: low is too high"]),
    "candidate finalists": (candidate("tuning = { finalists = 3 }"), [f"{C}: tuning: finalists is the same for all candidates: set it in [tuning]"]),
    "candidate trials": (candidate("tuning = { trials = 100 }"), [f"{C}: tuning: trials is the same for all candidates: set it in [tuning]"]),
    "candidate method": (candidate('tuning = { method = "rand" }'), [f"{C}: tuning.method: must be", "did you mean 'random'"]),
    "candidate tuning field": (candidate("tuning = { frist = 1 }"), [f"{C}: tuning: there is no field 'frist'; did you mean 'first'?"]),
    "candidate batch": (candidate("batch_size = -3"), [f"{C}: batch_size: must be a whole number from 1 on"]),
    "candidate batch range": (candidate("batch_size = { low = 64, high = 8 }"), [f"{C}: batch_size: search: low must be below high"]),
    "candidate batch choices": (candidate("batch_size = { choices = [0, 8] }"), [f"{C}: batch_size: search must be in [1, inf), got 0"]),
    "candidate workload": (candidate('workloads = ["digit-mlp"]'), [f"{C}: workloads: there is no workload 'digit-mlp'; did you mean 'digits-mlp'?"]),
    "candidate no workload": (candidate("workloads = []"), [f"{C}: workloads: an empty list"]),
    "uncovered workload": (HEAD + WORKLOAD + FUNCTION + CANDIDATE + 'workloads = ["digits-mlp"]\n', ['workloads[1] "bowl": no candidate runs on it']),
    "regularizer": (candidate('regularizer = { name = "l2", strength = -1 }'), [f"{C}: regularizers: regularizer l2: strength must be in"]),
    # claims
    "claim better": (claim('better = "adam"', 'better = "adm"'), [f"{L}: better: there is no candidate 'adm'; did you mean 'adam'?"]),
    "claim same": (claim('worse = "sgd"', 'worse = "adam"'), [f"{L}: worse: better and worse are the same candidate"]),
    "claim workload": (claim("digits-mlp", "digit-mlp"), [f"{L}: workload: there is no workload 'digit-mlp'; did you mean 'digits-mlp'"]),
    "claim no workload": (claim('workload = "digits-mlp"'), [f"{L}: a claim needs workload or workloads"]),
    "claim metric": (claim("final_validation_accuracy", "final_valid_accuracy"), [f"{L}: metric: there is no metric 'final_valid_accuracy'; did you mean 'final_validation_accuracy'"]),
    "claim r2": (claim("final_validation_accuracy", "final_test_r2"), ["final_test_r2 is not measured on 'digits-mlp', a classification: accuracy is"]),
    "claim target": (claim("final_validation_accuracy", "steps_to_target"), ["steps_to_target needs a target, and workload 'digits-mlp' has none"]),
    "claim direction": (claim('"final_validation_accuracy"', '"metric.weight_norm"\ndirection = "less"'), [f"{L}: direction: must be 'lower' or 'higher', got 'less'"]),
    "claim without direction": (claim("final_validation_accuracy", "metric.weight_norm"), [f'{L}: direction: say "lower" or "higher"']),
    "claim equivalence": (claim("better", 'expect = "equivalence"\nbetter'), [f"{L}: margin: equivalence needs a margin above 0"]),
    "claim margin": (claim("better", "margin = -1.0\nbetter"), [f"{L}: margin: must be at least 0, got -1"]),
    "claim field": (claim("better", 'sorce = "x"\nbetter'), [f"{L}: there is no field 'sorce'; did you mean 'source'"]),
    "claim equal near": (claim('better = "adam"\nworse = "sgd"', 'equal = ["adam", "sdg"]'), [f"{L}: equal: there is no candidate 'sdg'; did you mean 'sgd'?"]),
    "claim equal one": (claim('better = "adam"\nworse = "sgd"', 'equal = ["adam"]'), [f"{L}: equal: must be two names of candidates, got ['adam']"]),
    "claim equal number": (claim('better = "adam"\nworse = "sgd"', 'equal = ["adam", 3]'), [f"{L}: equal: must be two names of candidates"]),
    "claim equal same": (claim('better = "adam"\nworse = "sgd"', 'equal = ["adam", "adam"]'), [f"{L}: equal: both are the same candidate, 'adam'"]),
    "claim equal and worse": (claim('better = "adam"', 'equal = ["adam", "sgd"]').replace('worse = "sgd"', 'worse = "adam"'), [f"{L}: equal: it names both candidates and what is expected: leave worse out"]),
    "claim equal loss": (claim('better = "adam"\nworse = "sgd"', 'equal = ["adam", "sgd"]').replace("validation_accuracy", "train_loss"), [f"{L}: margin: equivalence needs a margin above 0"]),
    "claim than near": (claim('worse = "sgd"', 'worse = "sgd"\nthan = ["sgd", "adm"]'), [f"{L}: than: there is no candidate 'adm'; did you mean 'adam'?"]),
    "claim than itself": (claim('worse = "sgd"', 'worse = "sgd"\nthan = ["adam", "sgd"]'), [f"{L}: than: these are better and worse themselves"]),
    "claim than text": (claim('worse = "sgd"', 'worse = "sgd"\nthan = "sgd"'), [f"{L}: than: must be two names of candidates, got 'sgd'"]),
    "margins": (HEAD + "equal = { tme = 0.1, result = 0 }\n" + WORKLOAD + CANDIDATE, ["equal: there is no field 'tme'; did you mean 'time'?", "equal.result: must be above 0, got 0"]),
    "controls without claims": (HEAD + "controls = true\n" + WORKLOAD + CANDIDATE, ["controls: the truths that are known are claims"]),
    "claim elsewhere": (claim("[[claims]]", 'workloads = ["bowl"]\n' + FUNCTION + "[[claims]]"), [f"{L}: worse: candidate 'sgd' does not run on workload 'digits-mlp'"]),
    "claim on function": (claim('workload = "digits-mlp"', 'workload = "bowl"').replace("[[claims]]", FUNCTION + "[[claims]]"), ["final_validation_accuracy is not measured on function 'bowl'"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_told_with_file_and_field(name, registry):
    text, expected = BAD[name]
    with pytest.raises(OptbenchError) as caught:
        parse(text, "x.toml", registry)
    message = str(caught.value)
    assert all(line.startswith("x.toml: ") for line in message.splitlines()), message
    for fragment in expected:
        assert fragment in message, message


def test_all_problems_are_listed_at_once(registry):
    text = (
        HEAD
        + 'baseline = "nobody"\n'
        + WORKLOAD.replace('"mlp"', '"mpl"')
        + CANDIDATE
        + 'optimizer = "adm"\nbogus = 1\n'
    )
    with pytest.raises(OptbenchError) as caught:
        parse(text, "x.toml", registry)
    message = str(caught.value)
    assert len(message.splitlines()) == 4
    for fragment in ("'mpl'", "'adm'", "'bogus'", "'nobody'"):
        assert fragment in message


def test_very_many_problems_are_cut(registry):
    fields = "".join(f"field{i} = 1\n" for i in range(15))
    with pytest.raises(OptbenchError) as caught:
        parse(HEAD + fields + WORKLOAD + CANDIDATE, "x.toml", registry)
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "x.toml: … and 5 more"


def test_a_file_that_is_not_there(tmp_path, registry):
    (tmp_path / "mine.toml").write_text(HEAD)
    with pytest.raises(OptbenchError, match=r"no file .*main\.toml; did you mean 'mine\.toml'\?"):
        load(tmp_path / "main.toml", registry)
    with pytest.raises(OptbenchError, match=r"no file nowhere/x\.toml"):
        load("nowhere/x.toml", registry)
    with pytest.raises(OptbenchError, match="cannot be read: Is a directory"):
        load(tmp_path, registry)


def test_a_file_that_is_not_text(tmp_path, registry):
    path = tmp_path / "x.toml"
    path.write_bytes(b'title = "T"\n# \xff\xfe\n')
    with pytest.raises(OptbenchError, match=r"x\.toml: not UTF-8 text \(line 2, byte 14\)"):
        load(path, registry)


def test_an_unknown_suite_lists_near_names(registry, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    registry.suites["quick"] = (tmp_path / "quick.toml", "fakes:all")
    try:
        with pytest.raises(OptbenchError, match=r"there is no suite 'quik'; did you mean 'quick'\?"):
            load("quik", registry)
        (tmp_path / "quik.toml").write_text("")
        with pytest.raises(OptbenchError, match=r"for the file in this folder write quik\.toml"):
            load("quik", registry)
        with pytest.raises(OptbenchError, match="suite 'quick' of plugin fakes:all cannot be read"):
            load("quick", registry)
    finally:
        del registry.suites["quick"]
