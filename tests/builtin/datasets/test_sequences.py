"""Datasets of sequences: what is asked for follows from what was read, and texts are cut as they say."""

import hashlib
import re
import sys
from collections import Counter

import numpy as np
import pytest

from optbench.builtin.datasets.adding import Adding
from optbench.builtin.datasets.associative_recall import AssociativeRecall
from optbench.builtin.datasets.copy_memory import CopyMemory
from optbench.builtin.datasets.parity import Parity
from optbench.builtin.datasets.text import TextCharacters, TextWords, numbered
from optbench.builtin.datasets.zipf_tokens import Chain, ZipfTokens
from optbench.contract.dataset import UNCOUNTED
from optbench.contract.errors import OptbenchError
from optbench.contract.hyperparameters import ComponentError
from optbench.registry.registry import registry
from optbench.training.assembly import network_of
from optbench.training.preparation import prepare


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_copying_gives_back_what_was_read(rng):
    data = CopyMemory(samples=50, length=3, delay=4, symbols=5).load(rng)
    assert data.x.shape == data.y.shape == (50, 10)
    np.testing.assert_array_equal(data.x[:, :3], data.y[:, 7:])
    assert (data.y[:, :7] == UNCOUNTED).all()
    np.testing.assert_array_equal(data.x[:, 3:], np.tile([5, 5, 5, 6, 5, 5, 5], (50, 1)))


@pytest.mark.parametrize("length", [2, 7])
def test_the_sum_is_of_the_marked_numbers_one_in_each_half(rng, length):
    data = Adding(samples=300, length=length).load(rng)
    values, marks = data.x[..., 0], data.x[..., 1]
    np.testing.assert_allclose((values * marks).sum(axis=1), data.y)
    assert (marks[:, : length // 2].sum(axis=1) == 1).all()
    assert (marks[:, length // 2 :].sum(axis=1) == 1).all()
    assert marks.any(axis=0).all(), "every place is marked at times"
    assert 0 <= values.min() < values.max() <= 1


def test_a_query_is_a_key_and_its_answer_the_value_behind_it(rng):
    data = AssociativeRecall(samples=200, pairs=3, queries=2, keys=5, values=4).load(rng)
    assert data.vocabulary == 9
    assert data.x.shape == data.y.shape == (200, 8)
    for x, y in zip(data.x.astype(int), data.y, strict=True):
        pairs = dict(zip(x[0:6:2], x[1:6:2], strict=True))
        assert len(pairs) == 3
        assert max(pairs) < 5 <= min(pairs.values())
        assert [pairs[key] for key in x[6:]] == list(y[6:])
        assert x[6] != x[7]
        assert (y[:6] == UNCOUNTED).all()
    with pytest.raises(ComponentError, match=r"pairs must be at most keys.* 9 of 8"):
        AssociativeRecall(pairs=9)
    with pytest.raises(ComponentError, match=r"queries must be at most pairs.* 5 of 4"):
        AssociativeRecall(queries=5)


def test_parity_is_of_all_bits_so_far(rng):
    data = Parity(samples=64, length=6).load(rng)
    for x, y in zip(data.x, data.y, strict=True):
        assert [int(sum(x[: t + 1])) % 2 for t in range(6)] == list(y)
    last = Parity(samples=64, length=6, every=False).load(np.random.default_rng(3))
    np.testing.assert_array_equal(last.x, data.x)
    np.testing.assert_array_equal(last.y[:, 5], data.y[:, 5])
    assert (last.y[:, :5] == UNCOUNTED).all()


@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_tokens_have_their_frequencies_at_every_position(rng, exponent):
    data = ZipfTokens(samples=4000, length=5, vocabulary=12, exponent=exponent).load(rng)
    assert data.vocabulary == 12
    np.testing.assert_array_equal(data.x[:, 1:], data.y[:, :-1])
    expected = np.arange(1, 13.0) ** -exponent
    expected /= expected.sum()
    for tokens in (data.x[:, 0], data.x[:, 4], data.y[:, 4]):
        found = np.bincount(tokens.astype(int), minlength=12) / 4000
        assert np.abs(found - expected).max() < 5 * np.sqrt(expected.max() / 4000)


def test_what_follows_is_the_chain_s_and_its_entropy_the_least_loss():
    of = ZipfTokens(samples=40_000, length=4, vocabulary=10, strength=2.0)
    chain = Chain(of, np.random.default_rng(5))
    np.testing.assert_allclose(chain.following.sum(axis=1), 1)
    np.testing.assert_allclose(chain.often @ chain.following, chain.often, rtol=1e-8)
    data = of.load(np.random.default_rng(5))
    pairs = np.zeros((10, 10))
    np.add.at(pairs, (data.x.astype(int).ravel(), data.y.ravel()), 1)
    shares = pairs / pairs.sum(axis=1, keepdims=True)
    spread = np.sqrt(chain.following / pairs.sum(axis=1, keepdims=True))
    assert (np.abs(shares - chain.following) < 5 * spread + 1e-12).all()
    loss = -np.log(chain.following[data.x.astype(int), data.y]).mean()
    said = float(data.provenance["entropy"].split()[0])
    assert loss == pytest.approx(said, abs=0.01)
    assert said < -np.sum(chain.often * np.log(chain.often)) - 0.3, "and knowing the token before helps"
    logs = np.log(chain.following / chain.often)
    centred = logs - logs.mean(axis=0) - logs.mean(axis=1, keepdims=True) + logs.mean()
    assert np.linalg.matrix_rank(centred, tol=1e-6) <= of.rank, "a bias and a product of vectors of `rank` numbers"


def test_without_strength_tokens_are_independent(rng):
    chain = Chain(ZipfTokens(vocabulary=20, strength=0.0), rng)
    np.testing.assert_allclose(chain.following, np.tile(chain.often, (20, 1)))


@pytest.fixture
def topics(monkeypatch):
    """replace(text): the language reference has two topics, of which the text is the first."""

    def replace(text):
        class Module:
            topics = {"z": "Z zz.", "a": text}

        monkeypatch.setitem(sys.modules, "pydoc_data.topics", Module)

    return replace


def test_characters_are_cut_after_the_cleaning(topics):
    topics("A b\n*****\n\n   b  c1\n+--+--+\n")
    data = TextCharacters(length=4, vocabulary=5).load(np.random.default_rng(0))
    whole = "A b b c1 Z zz."
    often = Counter(whole)
    kept = sorted(often, key=lambda c: (-often[c], c))[:4]
    tokens = [kept.index(c) if c in kept else 4 for c in whole]
    np.testing.assert_array_equal(data.x.ravel(), tokens[:12])
    np.testing.assert_array_equal(data.y.ravel(), tokens[1:13])
    assert (data.x.shape, data.vocabulary, kept[0]) == ((3, 4), 5, " ")


def test_words_are_cut_after_the_cleaning(topics):
    topics("The cat's 12 *the* x1.\n-----\nTHE end")
    assert " ".join(TextWords().symbols("The cat's 12 *the* x1.\n-----\nTHE end")) == "the cat s N the x N the end"
    data = TextWords(length=3, vocabulary=4).load(np.random.default_rng(0))
    #  the (3), N (2), then cat end s x z zz, one each: cat comes first
    the, n, cat, other = range(4)
    np.testing.assert_array_equal(data.x, [[the, cat, other], [n, the, other], [n, the, other]])
    np.testing.assert_array_equal(data.y, [[cat, other, n], [the, other, n], [the, other, other]])


def test_tokens_are_numbered_by_frequency_and_ties_by_characters():
    assert list(numbered("bbaacd", 4)) == [1, 1, 0, 0, 2, 3]
    assert list(numbered("ab", 9)) == [0, 1]


@pytest.mark.parametrize("kind", [TextCharacters, TextWords])
def test_pythons_text_is_english_and_its_hash_is_recorded(kind):
    from pydoc_data.topics import topics

    data = kind(samples=100).load(np.random.default_rng(0))
    assert len(data.x) == 100
    np.testing.assert_array_equal(data.x.ravel()[1:], data.y.ravel()[:-1])
    text = "\n\n".join(topics[name] for name in sorted(topics))
    assert data.provenance["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert data.provenance["version"] == "Python " + ".".join(map(str, sys.version_info[:3]))
    whole = kind().load(np.random.default_rng(0))
    assert whole.x.size > (400_000 if kind is TextCharacters else 60_000)
    np.testing.assert_array_equal(whole.x[:100], data.x)
    symbols = kind().symbols(text)
    assert Counter(symbols).most_common(1)[0][0] == (" " if kind is TextCharacters else "the")
    tokens = numbered(symbols, whole.vocabulary)
    np.testing.assert_array_equal(whole.x.ravel(), tokens[: whole.x.size])
    assert (np.diff(np.bincount(tokens)[:-1]) <= 0).all(), "from the most frequent to the rarest"


def test_a_text_that_is_too_short_or_missing_is_one_message(topics, monkeypatch):
    topics("a word")
    with pytest.raises(OptbenchError, match=r"text-words: samples = 9, .* has 4 tokens, 1 stretches of length 2"):
        TextWords(length=2, samples=9).load(np.random.default_rng(0))
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(OptbenchError, match=r"text-characters: .*pydoc_data\.topics, which this Python lacks"):
        TextCharacters().load(np.random.default_rng(0))


@pytest.mark.parametrize("dataset", ["text-words", "zipf-tokens", "parity"])
def test_a_network_that_cannot_read_tokens_is_refused_with_those_that_can(dataset):
    one = registry().create("datasets", {"name": dataset, "samples": 60})
    data = prepare(one)
    workload = {"dataset": {"name": dataset}, "network": {"name": "mlp"}}
    with pytest.raises(OptbenchError, match=re.escape(f"network mlp does not fit dataset {dataset}, which is tokens")):
        network_of(workload, data, (), registry())
