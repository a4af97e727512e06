"""Sealed variants: the same code draws the same, another draws others; each is valid and within bounds."""

import pytest

from optbench.contract.errors import OptbenchError
from optbench.registry.registry import registry
from optbench.suite import load, parse
from optbench.suite.sealed import SIZES, sealed_variants
from optbench.trials.trial import canonical
from optbench.tuning import fingerprint
from optbench.tuning.making import Maker
from support.suites import ACCURATE, bowl, candidate, moons, suite, workload

TEXT = suite(
    moons(target=ACCURATE, hidden=[16, 8]), bowl(), workload("beale", function="beale", steps=10),
    candidate("adam", optimizer={"name": "adam", "search": ["lr"]}), candidate("sgd", optimizer="sgd"),
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny():
    return parse(TEXT, "tiny", registry())


def draw(suite, mark="0123456789ab", number=12, about=1, **more):
    return sealed_variants(suite.workloads, suite.candidates[:about], mark, number, registry(), **more)


def test_the_same_fingerprint_draws_the_same_and_another_others(tiny):
    first = draw(tiny)
    assert first == draw(tiny)
    assert len({w.name for w in first}) == len(first) == 12
    other = draw(tiny, mark="ba9876543210")
    subjects = [{canonical(w.model_dump(mode="json", exclude={"name"})) for w in found} for found in (first, other)]
    assert len(subjects[0] & subjects[1]) < 6


def test_fewer_are_the_first_of_more(tiny):
    few = {w.name: w for w in draw(tiny, number=3)}
    more = {w.name: w for w in draw(tiny)}
    assert few.items() <= more.items()


def test_each_differs_from_its_base_in_one_thing_or_two_and_says_so(tiny):
    bases = {w.name: w.model_dump(mode="json") for w in tiny.workloads}
    free = {"name", "title", "variant_of", "sealed", "target", "evaluate_every"}
    for one in draw(tiny, number=40):
        table = one.model_dump(mode="json")
        base = bases[one.variant_of]
        changed = {field for field in table if field not in free and table[field] != base[field]}
        assert 1 <= len(changed) <= 2, one.title
        assert one.sealed
        assert one.target is None
        assert one.title.startswith(f"{one.variant_of} with ")
        if "network" in changed and table["network"]["hidden"] != [16, 8]:
            sizes = table["network"]["hidden"]
            assert f"{sizes[0]}-{sizes[1]} units" in one.title
            assert sizes in [[round(n * s) for n in (16, 8)] for s in SIZES]
        if "batch_size" in changed:
            assert f"batches of {table['batch_size']}" in one.title


def test_what_cannot_be_varied_has_no_variant(tiny):
    assert {w.variant_of for w in draw(tiny, number=40)} == {"moons", "bowl"}  # beale has no settings
    assert draw(tiny, able=lambda workload: workload.function is not None) == [
        w for w in draw(tiny, number=40) if w.variant_of == "bowl"
    ][:12]


def test_what_a_candidate_brings_itself_is_not_varied(tiny):
    own = tiny.candidates[0].model_copy(update={"batch_size": 32})
    found = sealed_variants(tiny.workloads, [own], "0123456789ab", 60, registry())
    assert {w.batch_size for w in found if w.variant_of == "moons"} == {64}
    assert {w.batch_size for w in draw(tiny, number=60) if w.variant_of == "moons"} > {64}


def test_the_fingerprint_is_of_settings_and_order_not_of_names(tiny):
    adam, sgd = tiny.candidates
    mark = fingerprint([adam], registry())
    assert fingerprint([adam.model_copy(update={"name": "mine", "title": "Mine"})], registry()) == mark
    wider = {**adam.optimizer, "beta1": 0.8}
    assert fingerprint([adam.model_copy(update={"optimizer": wider})], registry()) != mark
    assert len({mark, fingerprint([sgd], registry()), fingerprint([adam, sgd], registry()),
                fingerprint([sgd, adam], registry())}) == 4  # fmt: skip


def test_no_key_knows_of_it(tiny):
    base = tiny.workloads[0]
    keys = {
        Maker(tiny, w, tiny.candidates[0], 0, registry()).final(0, 1, {}).trial.key
        for w in (base, base.model_copy(update={"sealed": True, "name": "other"}))
    }
    assert len(keys) == 1


def test_they_are_drawn_and_not_written():
    text = TEXT + workload("mine", variant_of="moons", sealed=True)
    with pytest.raises(OptbenchError, match="drawn, not written: say sealed = 6"):
        parse(text, "tiny", registry())
    assert parse(suite(bowl(), candidate("sgd"), sealed=4), "tiny", registry()).sealed == 4
    with pytest.raises(OptbenchError, match="sealed"):
        parse(suite(bowl(), candidate("sgd"), sealed=-1), "tiny", registry())


@pytest.mark.parametrize("name", ["quick", "families", "controls"])
def test_every_workload_of_ours_but_plain_functions_has_some(name):
    whole = load(name, registry())
    bases = [w for w in whole.workloads if w.variant_of is None]
    found = sealed_variants(bases, whole.candidates[:1], "0123456789ab", len(bases), registry())
    assert len(found) == len(bases)
    assert len({w.variant_of for w in found}) >= len(bases) - 2
