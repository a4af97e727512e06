"""What several stores say of themselves, as one: suites, origins, costs.

What must not be mixed is refused, by the reasons that `optbench.results.merging` gives.
"""

from collections.abc import Mapping
from typing import Any

from optbench.contract.errors import OptbenchError
from optbench.registry.guests import united
from optbench.results.unlike import unlike
from optbench.store.store import Store


def united_suite(stores: Mapping[str, Store]) -> dict[str, Any]:
    """The suite of all: the first one's, with what only others have behind it. OptbenchError where they contradict."""
    suites = {name: store.get("suite") or {} for name, store in stores.items()}
    (first, suite), *others = suites.items()
    union = dict(suite)
    if not suite.get("workloads"):
        raise OptbenchError(f"{first}: the store does not say which suite was run")
    for name, other in others:
        if not other.get("workloads"):
            raise OptbenchError(f"{name}: the store does not say which suite was run")
        union["seeds"] = max(union.get("seeds") or 0, other.get("seeds") or 0)
        for setting in ("seed", "tuning"):
            path = unlike(union.get(setting), other.get(setting), setting)
            if path:
                raise OptbenchError(f"{first} and {name} were not run alike: {path} differs; they cannot be merged")
        for kind in ("workloads", "candidates"):
            known = {item["name"]: item for item in union.get(kind, [])}
            for item in other.get(kind, []):
                path = unlike(known.get(item["name"], item), item)
                if path:
                    raise OptbenchError(
                        f"{first} and {name} are of different suites: {kind[:-1]} {item['name']} differs in {path}; "
                        "they cannot be merged"
                    )
            union[kind] = [*union.get(kind, []), *(i for i in other.get(kind, []) if i["name"] not in known)]
        for kind, identity in (("claims", "statement"), ("topics", "name")):
            said = {item[identity] for item in union.get(kind, [])}
            union[kind] = [*union.get(kind, []), *(i for i in other.get(kind, []) if i[identity] not in said)]
        union["baseline"] = union.get("baseline") or other.get("baseline")
    return union


def check_contracts(stores: Mapping[str, Store]) -> None:
    found = {name: sorted(store.contracts()) for name, store in stores.items()}
    if len({number for numbers in found.values() for number in numbers}) > 1:
        told = "; ".join(f"{name} has {', '.join(map(str, numbers))}" for name, numbers in found.items())
        raise OptbenchError(f"trials of different contracts of components do not compare: {told}")


def unite_words(target: Store, stores: Mapping[str, Store], suite: Mapping[str, Any]) -> None:
    """Keep in `target` what the stores say by name; the first one's where there can be one."""
    first = stores[next(iter(stores))]
    for name in ("title", "name", "environment"):
        if (value := first.get(name)) is not None:
            target.set(name, value)
    target.set("suite", dict(suite))
    target.set("problems", list(dict.fromkeys(str(p) for s in stores.values() for p in s.get("problems") or [])))
    # candidates that no suite's file names: they stand beside later runs in the merged folder, too
    target.set("named", list(dict.fromkeys(str(c) for s in stores.values() for c in s.get("named") or [])))
    records = [record for store in stores.values() for record in store.get("guests") or []]
    target.set("guests", united(reversed(records), []))
    looks = [store.get("until") for store in stores.values()]
    known = next(filter(None, looks), None)
    if known:
        # answers were about other candidates, or other seeds: the looks have to be taken again, and until then are none
        same = all(one == known for one in looks)
        target.set("until", known if same else {**known, "seeds": 0, "answers": [], "stopped": None})
    if draws := [said for store in stores.values() if (said := store.get("sealed"))]:
        # several candidates' variants stand side by side: each comparison is on those that both trained on
        names = {kind: dict.fromkeys(c for said in draws for c in said[kind]) for kind in ("candidates", "others")}
        marks = dict.fromkeys(said["fingerprint"] for said in draws)
        target.set("sealed", {"fingerprint": ", ".join(marks), **{kind: list(of) for kind, of in names.items()}})
    if any(store.get("thinned") for store in stores.values()):
        target.set("thinned", True)
    for name in ("costs_of", "load"):
        parts = [store.get(name) or {} for store in reversed(list(stores.values()))]
        target.set(name, {workload: of for part in parts for workload, of in part.items()})


def unite_costs(target: Store, stores: Mapping[str, Store]) -> None:
    """Keep in `target` what a step costs in each."""
    bridges: dict[str, dict[str, Any]] = {}
    for name in reversed(list(stores)):  # the first one's costs last: theirs is the machine that seconds are told in
        target.copy_costs(stores[name])
        for workload, candidates in (stores[name].get("bridges") or {}).items():
            bridges.setdefault(workload, {}).update(candidates)
    target.set("bridges", bridges)
