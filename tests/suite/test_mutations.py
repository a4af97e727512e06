"""Suites that somebody, or something, has spoiled: the answer is a plan or one error, soon, and in little memory.

`pytest -m slow` tries OPTBENCH_TEST_MUTATIONS of them (default 400); 10,000 take some minutes.
"""

import os
import re
import resource
import signal
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.suite import load
from optbench.tuning import planned, providers, study

MANY = int(os.environ.get("OPTBENCH_TEST_MUTATIONS", "400"))
#: Seconds that one suite may take at the very most: a hang is ended, and fails.
HANG = 30
FOLDER = Path(__file__).parents[2] / "suites" / "optbench_suites"
TEXTS = [(FOLDER / name).read_text(encoding="utf-8") for name in ("quick.toml", "held-out.toml")]
TEXTS.append("""
title = "T"
seeds = 2
[tuning]
method = "halving"
trials = 4
[[workloads]]
name = "w"
dataset = { name = "two-moons", samples = 40 }
network = { kind = "mlp", hidden = [4] }
epochs = 2
target = { metric = "validation_accuracy", value = 0.9 }
[[workloads]]
name = "f"
function = "quadratic"
steps = 3
[[candidates]]
name = "adam"
optimizer = { name = "lookahead", inner = { name = "adam" }, search = ["alpha", "inner.lr"] }
[[candidates]]
name = "crossed"
regularizers = [{ name = "l2", search = ["strength"] }]
batch_size = { choices = [8, "full"] }
workloads = ["w"]
[[claims]]
statement = "s"
workloads = ["w"]
better = "adam"
worse = "crossed"
metric = "steps_to_target"
""")

NAMES = ['"><script>alert(1)</script>', "../../../tmp/x", "a/b\\c", "it's", "a\nb", "\x1b[2J", "{{ 7 * 7 }}", "%s", ""]
SIGNS = ["[", "]", "{", "}", '"', "'", '"""', "=", ".", ",", "#", "\n", "\x00", "\ufeff", "\u202e", "é", "[[a]]\n"]
VALUES = ["1e400", "-inf", "nan", "0x7f", "99999999999999999999", "-1", "0", "true", "2026-13-01", "[[]]", "{}"]
LONG = ["[" * 3000, "x = " + "{a=" * 500, "a." * 2000 + "b = 1\n", "9" * 5000, '"' + "y" * 100_000 + '"']
JUNK = st.one_of(
    *map(st.sampled_from, (SIGNS, VALUES, LONG)),
    st.sampled_from(NAMES).map(lambda name: repr(name).replace("\\x1b", "\\u001b").replace("'", '"')),
    st.text(max_size=8),
)
KINDS = ["cut", "junk", "replace", "twice", "move", "number", "value", "value", "drop", "name"]
KEYS = ["seeds", "trials", "steps", "epochs", "hidden", "studies", "samples", "batch_size", "evaluate_every", "value"]
HUGE = ["1000000000000", "9223372036854775807", "-5", "0", "1e308", '"many"', "[1, 2]", "[99999999]", "true"]


@st.composite
def spoiled(draw):
    """The bytes of a suite with one to four changes."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 60)))
        lines = text.splitlines(keepends=True) or [""]
        number = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(KINDS))
        if kind == "cut":
            text = text[:start] + text[end:]
        elif kind == "junk":
            text = text[:start] + draw(JUNK) + text[start:]
        elif kind == "replace":
            text = text[:start] + draw(JUNK) + text[end:]
        elif kind == "twice":
            text = text[:start] + text[start:end] * draw(st.integers(2, 50)) + text[end:]
        elif kind == "move":
            line = lines.pop(number)
            lines.insert(draw(st.integers(0, len(lines))), line)
            text = "".join(lines)
        elif kind == "drop":
            del lines[number]
            text = "".join(lines)
        elif kind == "value":
            values = list(re.finditer(r"(?<== )[\d.e-]+|(?<=\[)\d+", text))
            if values:
                value = draw(st.sampled_from(values))
                text = text[: value.start()] + draw(st.sampled_from(HUGE)) + text[value.end() :]
        elif kind == "number":
            lines.insert(number, f"{draw(st.sampled_from(KEYS))} = {draw(st.sampled_from(HUGE))}\n")
            text = "".join(lines)
        else:
            head, mark, tail = text[start:].partition('name = "')
            if mark:
                text = text[:start] + head + mark + draw(st.text(max_size=6)) + tail
    content = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(max_size=8)) + content[at:]
    return content


@contextmanager
def within(seconds):
    def ring(*_):
        raise AssertionError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def plan_or_error(path, content):
    """Read a suite as `optbench run` does, up to the first trials; any error but the one for users fails."""
    path.write_bytes(content)
    with within(HANG):
        try:
            suite = load(path, registry())
        except OptbenchError as error:
            message = str(error)
        else:
            return plan(suite)
    assert str(path) in message
    return "refused"


def plan(suite):
    try:
        assert planned(suite) >= 0
        providers(suite, registry())
        for workload, candidate in islice(suite.pairs(), 3):
            batch = next(study(suite, workload, candidate, 0, registry()))
            assert len({a.trial.key for a in batch.assignments}) > 0
    except OptbenchError:
        return "refused late"
    return "planned"


@settings(max_examples=25, deadline=None)
@given(content=spoiled())
def test_some_spoiled_suites(content, tmp_path_factory):
    plan_or_error(tmp_path_factory.getbasetemp() / "spoiled.toml", content)


@pytest.mark.slow
@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False)
@given(content=spoiled())
def test_many_spoiled_suites(content, tmp_path_factory):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plan_or_error(tmp_path_factory.getbasetemp() / "spoiled.toml", content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB


def test_a_variant_without_a_name(tmp_path):
    text = TEXTS[1].replace('name = "moons-mlp-deep"', "").replace('name = "moons-mlp-noisy"', "name = [[]]")
    assert plan_or_error(tmp_path / "x.toml", text.encode()) == "refused"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device")
def test_a_file_without_an_end():
    with within(HANG), pytest.raises(OptbenchError, match="/dev/zero: larger than any suite"):
        load(Path("/dev/zero"), registry())


def test_the_suites_themselves(tmp_path):
    assert [plan_or_error(tmp_path / "x.toml", text.encode()) for text in TEXTS[1:]] == ["planned"] * 2
